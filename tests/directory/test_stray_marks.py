"""`python -m directory sync` with a quotation mark that is there by mistake: nobody may be hidden by it."""

from __future__ import annotations

import pytest

from tests.directory.test_hr_files import ADA, MAX, HrPerson, company, file_of, here, hr

__all__ = ["hr"]


@pytest.mark.parametrize(
    ("marks", "line"),
    [
        ({2: '"', 4: 'END"'}, 3),
        ({2: '"', 4: 'END"x'}, 3),
        ({2: '"'}, 3),
        ({5: '"'}, 6),
        ({6: '"'}, 7),
        ({6: '"', 7: 'END"'}, 7),
        ({0: '"', 3: 'END"'}, None),
        ({0: '"'}, None),
    ],
    ids=["two later", "text after", "never closed", "near the end", "last", "last closed", "header", "open header"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("after", [",name", ",name,note"])
def test_a_stray_quotation_mark_hides_nobody(
    hr: HrPerson, marks: dict[int, str], line: int | None, end: str, after: str
) -> None:
    people = [f"p{at}@t.example,s{at},D,T,employee,,gdpr,P {at}" for at in range(20)]
    table = [f"email,sub,department,team,role,manager,regime{after}", *people[:7]]
    assert hr.sync("\n".join(table))[0] == 0
    before = here()
    for at, mark in marks.items():
        start, _, name = table[at].rpartition(",")
        table[at] = table[at] + mark[3:] if mark.startswith("END") else f'{start},"{name}'
    status, said = hr.sync(end.join(table) + (end if 6 not in marks else ""))
    assert (status, here()) == (1, before)
    assert (f"line {line}: a cell in" if line else "The header: a cell in") in said
    assert "nothing changed" in said
    assert "delete it" in said


def test_a_stray_quotation_mark_in_a_large_file_is_named(hr: HrPerson) -> None:
    status, said = hr.sync("sep=,\n" + file_of(ADA, MAX.replace("Max Keller", '"Max Keller'), *company(5000)))
    assert (status, here()) == (1, {})
    assert "line 4: " in said
    assert "delete it" in said
