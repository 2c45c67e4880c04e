from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models

# One rule for what is stored and what is asked: compatibility forms joined (a Mac types Hangul as separate letters), accents
# dropped, lower case, spaces and punctuation gone. "f(x)" is "fx"; "New Jeans" is "newjeans". The ranges are spelt out
# because [[:punct:]] depends on the locale of the cluster.
KEY = r"""
    CREATE FUNCTION catalogue_key(words text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT regexp_replace(
            lower(unaccent(normalize(words, NFKC))),
            '[\s\u0021-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u2000-\u2BFF\u3000-\u303F\uFE00-\uFE6F]',
            '', 'g'
        )
    $$;
"""

# A row keeps its own text; when a song or an artist changes its names, the rows below are touched and do the same.
TRIGGERS = """
    CREATE FUNCTION choreography_keep_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.search_text := coalesce((
            SELECT concat_ws(
                ' ',
                nullif(catalogue_key(artist.name_en), ''),
                nullif(catalogue_key(artist.name_ko), ''),
                nullif(catalogue_key(artist.name_romanised), ''),
                nullif(catalogue_key(song.title_en), ''),
                nullif(catalogue_key(song.title_ko), ''),
                nullif(catalogue_key(NEW.part), ''),
                nullif(catalogue_key(NEW.choreographer), '')
            )
            FROM choreography_song song JOIN choreography_artist artist ON artist.id = song.artist_id
            WHERE song.id = NEW.song_id
        ), '');
        RETURN NEW;
    END $$;

    CREATE FUNCTION song_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE choreography_choreography SET search_text = '' WHERE song_id = NEW.id;
        RETURN NULL;
    END $$;

    CREATE FUNCTION artist_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE choreography_choreography SET search_text = ''
        WHERE song_id IN (SELECT id FROM choreography_song WHERE artist_id = NEW.id);
        RETURN NULL;
    END $$;

    CREATE TRIGGER choreography_search_text BEFORE INSERT OR UPDATE ON choreography_choreography
        FOR EACH ROW EXECUTE FUNCTION choreography_keep_search_text();
    CREATE TRIGGER song_renamed AFTER UPDATE OF title_en, title_ko, artist_id ON choreography_song
        FOR EACH ROW EXECUTE FUNCTION song_renamed();
    CREATE TRIGGER artist_renamed AFTER UPDATE OF name_en, name_ko, name_romanised ON choreography_artist
        FOR EACH ROW EXECUTE FUNCTION artist_renamed();

    UPDATE choreography_choreography SET search_text = '';
"""

DROP_TRIGGERS = """
    DROP TRIGGER artist_renamed ON choreography_artist;
    DROP TRIGGER song_renamed ON choreography_song;
    DROP TRIGGER choreography_search_text ON choreography_choreography;
    DROP FUNCTION artist_renamed();
    DROP FUNCTION song_renamed();
    DROP FUNCTION choreography_keep_search_text();
"""


class Migration(migrations.Migration):
    dependencies = [("choreography", "0001_initial")]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.AddField(
            model_name="choreography",
            name="search_text",
            field=models.TextField(blank=True, default="", editable=False),
        ),
        migrations.AddIndex(
            model_name="choreography",
            index=GinIndex(fields=["search_text"], name="choreography_search", opclasses=["gin_trgm_ops"]),
        ),
        migrations.RunSQL(KEY, "DROP FUNCTION catalogue_key(text);"),
        migrations.RunSQL(TRIGGERS, DROP_TRIGGERS),
    ]
