"""The analyses of the market as jobs do them: rows are read here, and counted in a child process."""

from collections.abc import Callable
from typing import Any

from choreography import isolated_market
from choreography.market.payloads import AnalysisRequest, SelectionPayload, TrendPayload
from choreography.queries.market_rows import sample_of, years_of
from inference.jobs import JobRun
from inference.media.isolation import run_isolated
from inference.models import JobStage

TIMEOUT_S = 600.0
MEMORY_BYTES = 4_000_000_000


def answer(request: AnalysisRequest, run: JobRun) -> SelectionPayload | TrendPayload:
    """Raises NoRows where the file was replaced, and StopWork."""
    run.begin(JobStage.CHECKING)
    if request["kind"] == "trend":
        return _counted(isolated_market.analyse_trend, years_of(request), run=run)
    return _counted(isolated_market.analyse_selection, sample_of(request), request["rosters"], run=run)


def _counted[Payload](function: Callable[..., Payload], *args: Any, run: JobRun) -> Payload:
    run.begin(JobStage.FINDING)
    done = 0.0

    def hear(share: object) -> None:
        nonlocal done
        done = share if isinstance(share, float) else done
        run.report(done)

    counted: Payload = run_isolated(
        function, *args, on_message=hear, timeout_s=TIMEOUT_S, memory_limit_bytes=MEMORY_BYTES
    )
    return counted
