"""What a file of rules is about is the comment at its head, without the line that is for editors."""

from knowledge_base.loading.themes import themes


def test_the_first_comment_of_each_file_of_rules(tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.yaml").write_text("# yaml-language-server: $schema=x\n# What it\n# says.\n- id: A-01\n# not this\n")
    (rules / "b.yaml").write_text("- id: B-01\n")
    assert themes(tmp_path) == {"rules/a.yaml": "What it says.", "rules/b.yaml": ""}
