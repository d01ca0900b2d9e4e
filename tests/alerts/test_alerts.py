"""Alerts: one open per kind and key, ended when their reason is gone."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alerts import queries, service, words
from backend.alerts.queries import Place
from backend.alerts.service import NewAlert
from backend.alerts.tables import Alert
from backend.i18n import LANGUAGES, translate
from tests.casework.factories import NOW

MINUTE = timedelta(minutes=1)
LATE = NewAlert("deliveries_late", "push", {"minutes": 12})


@pytest.mark.db
async def test_what_stands_is_raised_once_and_keeps_its_figures_fresh(session: AsyncSession) -> None:
    [first] = await service.raise_many(session, [LATE, LATE], now=NOW)
    again = await service.raise_many(session, [LATE._replace(params={"minutes": 20})], now=NOW + MINUTE)
    assert again == []
    found = (await session.scalars(select(Alert).execution_options(populate_existing=True))).one()
    assert (found.id, found.opened_at, found.params) == (first, NOW, {"minutes": 20})
    assert await queries.open_by_kind(session) == {"deliveries_late": 1}


@pytest.mark.db
async def test_what_no_longer_stands_ends_and_may_come_back(session: AsyncSession) -> None:
    both = [NewAlert("job_missing", "a"), NewAlert("job_missing", "b"), LATE]
    await service.raise_many(session, both, now=NOW)
    ended = await service.end_missing(session, "job_missing", ["b"], now=NOW + MINUTE)
    assert len(ended) == 1
    assert await queries.open_by_kind(session) == {"deliveries_late": 1, "job_missing": 1}
    assert len(await service.raise_many(session, both, now=NOW + 2 * MINUTE)) == 1


@pytest.mark.db
async def test_the_list_is_paged_newest_first(session: AsyncSession) -> None:
    for n in range(3):
        await service.raise_many(session, [NewAlert("job_missing", str(n))], now=NOW + n * MINUTE)
    await service.end_missing(session, "job_missing", ["0", "1"], now=NOW + 3 * MINUTE)
    first = await queries.page(session, all_of_them=True, after=None, limit=2)
    rest = await queries.page(session, all_of_them=True, after=Place(first[1].opened_at, first[1].id), limit=2)
    assert [alert.key for alert in [*first, *rest]] == ["2", "1", "0"]
    assert [alert.key for alert in await queries.page(session, all_of_them=False, after=None, limit=9)] == ["1", "0"]


@pytest.mark.parametrize(
    "wrong",
    [NewAlert("unheard_of", "x"), NewAlert("deliveries_late", "x"), NewAlert("job_missing", "x", {"who": [1]})],  # type: ignore[dict-item]
)
def test_an_alert_without_its_words_is_refused(wrong: NewAlert) -> None:
    with pytest.raises(ValueError, match="alert"):
        words.check(*wrong)


def test_every_kind_is_said_in_danish() -> None:
    assert all(translate("da", msgid) != msgid for msgid in words.SENTENCES.values())
    assert LANGUAGES == ("da", "en")
    assert words.sentence("da", "deliveries_late", "push", {"minutes": 12}) == (
        "Den ældste levering, der skulle være sendt, har ventet 12 minutter."
    )
