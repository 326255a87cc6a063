"""Findings of a verification that are known and accepted for a time: by whom, why, and until when."""

from datetime import date

from pydantic import Field

from knowledge_base.language.entries import Day, Entry, Identifier, Label


class Acceptance(Entry):
    """One reason for which findings are accepted. It is no knowledge: advice is the same with and without it."""

    id: Identifier = Field(description="its name, for life")
    findings: tuple[Label, ...] = Field(min_length=1, description="the findings, as `metspine verify` prints them")
    reason: Label = Field(description="why they do no harm, or what is waited for")
    by: Label = Field(description="the role of who accepts them, such as knowledge engineer")
    expires: Day = Field(description="the last day on which it holds, as YYYY-MM-DD")

    def holds_on(self, day: date) -> bool:
        """Tell whether it has not expired on a day."""
        return day <= date.fromisoformat(self.expires)
