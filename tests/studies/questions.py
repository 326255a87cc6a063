"""How many questions a consultation asks: `python -m tests.studies.questions [CASE …]`.

The five referral letters and ten patients of the library are answered with what they say, and everything else with
"not known"; lists of exceptions are confirmed. For each: questions, those answered, the slowest step, how it ended.
"""

import sys
import time
from collections.abc import Iterator, Mapping

import knowledge_base
from cases.model import Case
from cases.plain import case_from
from engine import Reasoner
from engine.inference.subjects import Fact, given_in
from knowledge_base import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute
from metspine.dialogue.machine import Dialogue
from metspine.library import read_library

Said = Mapping[str, str]
LIBRARY = (
    "noms-n9",
    "noms-n5",
    "emergency-breast-with-deficit",
    "two-lesions",
    "pub-crior-916501",
    "pub-tai-2010",
    "pub-zhang-2008-s1-lung",
    "pub-seminoma-t8-2013",
    "pub-acr-mescc-v5",
    "lymphoma-confirmed",
)
LETTERS: Mapping[str, tuple[str, Said]] = {
    "A.B.": (
        "T8",
        {
            "new_deficit": "yes",
            "deficit_hours": "12..30",
            "ambulation": "aided",
            "primary_tumour": "Ca breast",
            "escc_grade": "2",
            "sins_total": "about 10",
            "sins_collapse": "below_50",
            "sins_alignment": "normal",
            "sins_pain": "mechanical",
            "frankel": "D",
            "kps": "PS 2",
            "age": "61",
            "sex": "female",
            "systemic_options": "yes",
            "pain": "yes",
        },
    ),
    "G.H.": (
        "T5, T11, L5-S1",
        {
            "T5.escc_grade": "1b",
            "T11.escc_grade": "0",
            "L5-S1.escc_grade": "1a",
            "T5.sins_total": "6",
            "T11.sins_total": "4",
            "L5-S1.sins_total": "9",
            "L5-S1.radiculopathy": "functional",
            "primary_tumour": "NSCLC",
            "targeted_driver": "yes",
            "kps": "PS 1",
            "age": "55",
            "sex": "female",
            "brain_metastases": "yes",
        },
    ),
    "I.J.": (
        "T10",
        {
            "new_deficit": "yes",
            "deficit_hours": "168",
            "ambulation": "frame",
            "sphincter_disturbance": "yes",
            "primary_tumour": "unknown",
            "histology_confirmed": "no",
            "escc_grade": "2, 3",
            "haematological_suspected": "yes",
            "calcium": "2.9 mmol/L",
            "paraspinal_mass_cm": "5",
            "age": "49",
            "sex": "male",
        },
    ),
    "O.P.": (
        "T11",
        {
            "new_deficit": "yes",
            "deficit_hours": "18",
            "hours_since_walking_lost": "18",
            "ambulation": "none",
            "frankel": "C",
            "primary_tumour": "melanoma",
            "prior_radiotherapy": "SBRT",
            "prior_radiotherapy_months": "14",
            "escc_grade": "3",
            "kps": "50",
            "poor_performance_from_deficit": "yes",
            "visceral_metastases": "yes",
            "ldh": "800 U/L",
            "age": "42",
            "sex": "female",
            "targeted_driver": "yes",
        },
    ),
    "S.T.": ("spine=?", {"age": "70", "red_flag_pain": "not known"}),
}


def held(reasoner: Reasoner, lesions: str, answers: Mapping[str, str]) -> Iterator[tuple[str, float, Dialogue]]:
    """Yield each question of a consultation as it was asked, how long the step before it took, and the dialogue."""
    dialogue = Dialogue(reasoner, lambda case, not_known: None)
    dialogue.open()
    dialogue.step("study")
    line, typed = lesions, set[tuple[str, str]]()
    while dialogue.stage != "finished":
        start = time.process_time()
        reply = dialogue.step(line)
        took = time.process_time() - start
        if reply and reply[0].startswith("! ") and "DANGER" not in reply[0]:
            print("   ", line, "→", reply[0])
        if (asked := dialogue.question) is None or dialogue.stage != "asking":
            yield "end", took, dialogue
            return
        if asked.fact is None:
            line = "y"
            yield f"{asked.kind} {len(asked.conditions)}", took, dialogue
            continue
        fact = str(asked.fact)
        said = answers.get(fact, answers.get(asked.fact.attribute, ""))
        line = "" if (fact, said) in typed else said  # what was refused is not known
        typed.add((fact, said))
        yield f"{fact}: {line}", took, dialogue


def told_by(case: Case, knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Yield what a case says, as a person would type it; of a measure asked with another, what its leader is told."""
    for subject, values in given_in(case).items():
        for name in values:
            lead = knowledge.vocabulary.asked_together(name)[0]
            yield str(subject.fact(lead)), _typed(knowledge.vocabulary[name], knowledge, subject.fact(name), case)


def _typed(attribute: Attribute, knowledge: KnowledgeBase, fact: Fact, case: Case) -> str:
    subject, name = fact
    given = given_in(case)[subject]
    written = attribute.dump(given[name])
    if isinstance(written, bool):
        return "yes" if written else "no"
    return ", ".join(map(str, written)) if isinstance(written, list) else str(written)


def patients(knowledge: KnowledgeBase, names: tuple[str, ...]) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield each patient: its name, its lesions as they are typed, and what is answered."""
    for name, (lesions, said) in LETTERS.items():
        if not names or name in names:
            yield name, lesions, said
    for case in read_library(knowledge):
        if case.id in (names or LIBRARY):
            levels = knowledge.vocabulary["levels"]
            typed = (
                f"{x.id}={','.join(map(str, levels.dump(x.given['levels']))) if 'levels' in x.given else '?'}"  # type: ignore[arg-type]
                for x in case.lesions
            )
            yield case.id, "; ".join(typed), dict(told_by(case, knowledge))


def main() -> None:
    knowledge = knowledge_base.load()
    reasoner = Reasoner(knowledge)
    case_from({"case": "x", "lesions": [{"id": "L"}]}, knowledge)
    for name, lesions, said in patients(knowledge, tuple(sys.argv[1:])):
        asked = list(held(reasoner, lesions, said))
        dialogue = asked[-1][2]
        plans = dialogue.view.plans if dialogue.view else {}
        kinds = {lesion: one.kind for lesion, one in plans.items()}
        questions = [text for text, _, _ in asked[:-1]]
        print(f"{name:30} {len(questions):3} questions, slowest step {max(t for _, t, _ in asked):.2f} s, {kinds}")
        if sys.argv[1:]:
            print("   ", "\n    ".join(questions))


if __name__ == "__main__":
    main()
