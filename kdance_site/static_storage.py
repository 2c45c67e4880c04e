"""Static files under names that carry their content's hash, so that browsers may keep them for ever."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
    # Names are settled a pass after those of the modules they import: as many passes as the longest chain of imports has.
    max_post_process_passes = 20
