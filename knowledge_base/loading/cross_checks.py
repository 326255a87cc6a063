"""What entries say of one another that is not so: names that nothing has, ids that are gone, words with two meanings."""

from collections.abc import Iterable, Mapping

from knowledge_base.language.disputes import default_sides, faults, sides_with_rules
from knowledge_base.language.hazards import HazardText
from knowledge_base.language.knowledge import Framework, Treatment
from knowledge_base.language.rules import Grounds, Rule, RuleText
from knowledge_base.language.synonyms import Synonyms, plain
from knowledge_base.language.synonyms import faults as word_faults
from knowledge_base.loading.frameworks import FRAMEWORK, is_own
from knowledge_base.loading.symbol_table import Names
from knowledge_base.loading.validation_messages import next_free
from knowledge_base.text.errors import Problem, listed, suggestion
from knowledge_base.text.strict_yaml import KeyPath


def check_ids_are_free(framework: Framework, texts: Mapping[str, RuleText], problems: list[Problem]) -> None:
    """Report rules that take the id of one that is gone; name the next that is free."""
    former = [name for text in texts.values() for name in text.formerly]
    gone = {*framework.retired_ids, *former}
    for name in sorted(gone & texts.keys()):
        free = next_free(name, {*texts, *gone})
        message = f"this id belonged to a rule that is gone; ids are for life, take {free}"
        problems.append(Problem(texts[name].position, name, message))


def retired_in(
    framework: Framework, kinds: Iterable[Mapping[str, Grounds | HazardText]], problems: list[Problem]
) -> dict[str, tuple[str, ...]]:
    """Return what is gone, with what stands for it; report what is not there to stand for it."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(framework.retired_ids, ())
    for entries in kinds:
        for name, entry in entries.items():
            found |= dict.fromkeys(entry.formerly if isinstance(entry, RuleText) else (), (name,))
            if entry.review.status != "retired":
                continue
            found[name] = entry.review.replaced_by
            for other in found[name]:
                known = [each for each in entries if each != name]
                if other not in known and other not in framework.retired_ids:
                    message = f"`replaced_by` names {other!r}, which is not among them{suggestion(other, known)}"
                    problems.append(Problem(entry.position, name, message))
    return dict(sorted(found.items()))


def check_sources(names: Names) -> None:
    """Report own short names that say what their citation does not, and those that mean another source already."""
    taken = {name: name for name in names.sources}
    for source in (source for source in names.sources.values() if source.label and is_own(source.position)):
        if lacking := source.unfounded:
            message = f"`label`: its citation does not say {listed(lacking)}; name it as it is cited"
            names.report(source, ("label",), message)
        if (owner := taken.setdefault(source.short, source.id)) != source.id:
            message = f"`label`: {source.short!r} names {owner} already; a short name means one source"
            names.report(source, ("label",), message)


def check_synonyms(names: Names, synonyms: Mapping[str, Synonyms]) -> None:
    """Report words of attributes that no case gives, words with two meanings, and names that two attributes share."""
    taken: dict[tuple[str, str], str] = {}
    for attribute in (a for a in names.vocabulary.values() if a.given):
        names_of = (attribute.id, attribute.label, *attribute.formerly)
        taken |= {(attribute.of, plain(name)): attribute.id for name in names_of}
    for entry in (entry for entry in synonyms.values() if is_own(entry.position)):
        if not names.named(entry, entry.id, names.vocabulary, "attribute", ("id",)):
            continue
        attribute = names.vocabulary[entry.id]
        if not attribute.given:
            names.report(entry, ("id",), "no case gives this attribute, so nobody says words for it; remove the entry")
            continue
        for path, message in word_faults(entry, attribute, names.vocabulary):
            names.report(entry, path, message)
        for i, name in enumerate(entry.also):
            owner = taken.setdefault((attribute.of, plain(name)), entry.id)
            if owner != entry.id:
                names.report(entry, ("also", i), f"{name!r} names {owner} already; a name means one attribute")


def check_pathways(names: Names, treatments: Mapping[str, Treatment]) -> None:
    """Report what own pathways are given as or exclude and is not known; those of neighbours are checked there."""
    for pathway in (pathway for pathway in names.pathways.values() if is_own(pathway.position)):
        for i, given in enumerate(pathway.given_as):
            for j, name in enumerate(given):
                names.named(pathway, name, treatments, "treatment", ("given_as", i, j))
        for i, name in enumerate(pathway.excludes):
            names.named(pathway, name, names.pathways, "pathway", ("excludes", i))
            if name == pathway.id:
                names.report(pathway, ("excludes", i), "a pathway does not exclude itself; name another")


def check_measures(names: Names) -> None:
    """Report what own measures find, comprise or are read before, and is not known."""
    for measure in (measure for measure in names.measures.values() if is_own(measure.position)):
        for i, name in enumerate(measure.finds):
            names.named(measure, name, names.vocabulary, "attribute", ("finds", i))
        for i, name in enumerate(measure.read_first):
            names.named(measure, name, names.vocabulary, "attribute", ("read_first", i))
        for i, name in enumerate(measure.comprises):
            names.named(measure, name, names.measures, "measure", ("comprises", i))


def check_disputes(names: Names, entries: Iterable[Grounds]) -> None:
    """Report what is wrong with the sides of disputes: their sources, and, all else being right, rules that are lacking."""
    taken = sides_with_rules(entries)
    whole = all(isinstance(names.written[what], set) for what in ("rule", "score")) and not names.problems
    for dispute in names.disputes.values():
        for name, side in dispute.sides.items():
            names.cited(dispute, side.sources, ("sides", name))
        for name, message in faults(dispute, taken) if whole and is_own(dispute.position) else ():
            names.report(dispute, ("sides", name), f"side {name}: {message}")


def sides_on(names: Names, framework: Framework) -> dict[str, str]:
    """Return the sides of disputes that are on; report those of the framework that are not known."""
    disputes = names.disputes
    for name, side in framework.sides.items():
        known = disputes[name].sides if name in disputes else disputes
        if (wrong := name if name not in disputes else side) not in known:
            what = f"a side of {name}" if name in disputes else "a dispute"
            message = f"{wrong!r} is not {what} ({listed(known)}){suggestion(wrong, known)}"
            _report(names, framework, ("sides", name), message)
    return {**default_sides(disputes), **framework.sides}


def check_settings(names: Names, framework: Framework) -> None:
    """Report settings that are no settings of every patient, or have no such value."""
    known = [a.id for a in names.vocabulary.given_of("patient") if a.class_ in ("setting", "exception")]
    for name, raw in framework.settings.items():
        attribute = names.vocabulary.get(name)
        if attribute is None and name in names.written["attribute"]:
            continue  # it is broken, and that was told
        try:
            if attribute is None or name not in known:
                what = f"no setting or exception of the patient ({listed(known)})"
                raise ValueError(f"{name!r} is {what}{suggestion(name, known)}")
            attribute.read(raw)
        except ValueError as error:
            _report(names, framework, ("settings", name), str(error))


def check_near_inputs(names: Names, framework: Framework) -> None:
    """Report inputs that are told beside keys that are none, and that there are not."""
    known = [a.id for a in names.vocabulary.values() if a.given]
    for i, keys in enumerate(framework.near_inputs):
        for j, name in enumerate(keys.nearest):
            if name not in known and name not in names.written["attribute"]:
                message = f"{name!r} is nothing that a case can say{suggestion(name, known)}"
                _report(names, framework, ("near_inputs", i, "nearest", j), message)


def check_wishes_first(names: Names, framework: Framework) -> None:
    """Report wishes that come first and are none."""
    wishes = [a.id for a in names.vocabulary.values() if a.given and a.class_ == "wish"]
    for i, name in enumerate(framework.wishes_first):
        if name not in wishes and name not in names.written["attribute"]:
            _report(names, framework, ("wishes_first", i), f"{name!r} is no wish{suggestion(name, wishes)}")


def check_if_new_deficit(names: Names, framework: Framework, rules: Mapping[str, Rule]) -> None:
    """Report rules that hold for a new deficit, and that there are not or that call for nothing."""
    for i, name in enumerate(framework.if_new_deficit):
        if name not in rules and name not in names.written["rule"]:
            _report(names, framework, ("if_new_deficit", i), f"{name!r} is no rule{suggestion(name, rules)}")
        elif name in rules and not rules[name].measures:
            _report(
                names, framework, ("if_new_deficit", i), f"{name} calls for no measure, so it tells nobody what to do"
            )


def _report(names: Names, framework: Framework, path: KeyPath, message: str) -> None:
    names.problems.append(Problem(names.documents[FRAMEWORK].position(path), framework.id, message))
