"""Pictures come out whether or not the machine has a `dot`, and carry no dates and no paths."""

import shutil
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from explain.drawing.rendering import FONTS, PNG_DPI, render
from knowledge_base.text.errors import Invalid

TEXT = "{http://www.w3.org/2000/svg}text"
DOT = r"""digraph "It says \"so\" & <more>" {
	node [fontname="DejaVu Sans"]
	a [label=<<B>bold</B>> tooltip="x"]
	a -> b
}
"""
FAKE = """#!{python}
import pathlib, sys
source = sys.stdin.read()
pathlib.Path({log!r}).write_text(" ".join(sys.argv[1:]) + "\\n" + source)
{end}
"""
AS_A_PROGRAM = """
import pygraphviz
pygraphviz.AGraph(string="graph {}").draw(format="svg", prog="dot")  # from now on it has the program's defaults
format = next(word for word in sys.argv if word.startswith("-T"))[2:]
sys.stdout.buffer.write(pygraphviz.AGraph(string=source).draw(format=format, prog="dot"))
"""


@pytest.fixture
def without_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def fake_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> Path:
    """Put a `dot` on the PATH that notes how it was called, then does `end`; return the note."""
    log = tmp_path / "log"
    program = tmp_path / "dot"
    program.write_text(FAKE.format(python=sys.executable, log=str(log), end=end))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return log


@pytest.mark.usefixtures("without_dot")
@pytest.mark.parametrize(
    ("format", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")]
)
def test_pictures_come_out_without_a_dot(format: str, magic: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    assert render(DOT, format).startswith(magic)
    assert capfd.readouterr() == ("", "")


def test_the_dot_on_the_path_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = fake_dot(tmp_path, monkeypatch, "print('<svg width=\"1\"><title>mine</title></svg>')")
    assert (
        render(DOT, "svg")
        == b'<svg role="group" aria-label="mine" width="1">\n<title>mine</title><title>mine</title></svg>\n'
    )
    called, _, source = log.read_text().partition("\n")
    assert "-Tsvg" in called
    assert source == DOT


@pytest.mark.parametrize("end", ["sys.exit(1)", "sys.exit('no layout engine support for \"dot\"')", "pass"])
def test_a_broken_dot_is_nobody_s_concern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], end: str
) -> None:
    log = fake_dot(tmp_path, monkeypatch, end)
    assert b"bold" in render(DOT, "svg")
    assert log.exists()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
def test_both_ways_give_the_same_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    log = fake_dot(tmp_path, monkeypatch, AS_A_PROGRAM)
    by_program = render(DOT, format)
    assert f"-T{format}" in log.read_text()
    (tmp_path / "dot").unlink()
    assert render(DOT, format) == by_program


@pytest.mark.skipif(shutil.which("dot") is None, reason="there is no dot on this machine")
def test_a_real_dot_draws_the_same_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    by_program = ElementTree.fromstring(render(DOT, "svg"))
    monkeypatch.setenv("PATH", str(tmp_path))
    in_process = ElementTree.fromstring(render(DOT, "svg"))
    assert [t.text for t in by_program.iter(TEXT)] == [t.text for t in in_process.iter(TEXT)]


@pytest.mark.usefixtures("without_dot")
def test_a_node_without_a_label_is_called_by_its_name() -> None:
    script = (
        "import sys; from explain.drawing.rendering import render; sys.stdout.buffer.write(render(sys.argv[1], 'svg'))"
    )
    svg = subprocess.run([sys.executable, "-c", script, DOT], capture_output=True, check=True).stdout
    assert [text.text for text in ElementTree.fromstring(svg).iter(TEXT)] == ["bold", "b"]


@pytest.mark.usefixtures("without_dot")
def test_a_screen_reader_hears_the_name_of_the_graph() -> None:
    svg = ElementTree.fromstring(render(DOT, "svg"))
    assert (svg.get("role"), svg.get("aria-label")) == ("group", 'It says "so" & <more>')
    assert svg[0].tag.endswith("title")
    assert svg[0].text == 'It says "so" & <more>'


@pytest.mark.usefixtures("without_dot")
def test_pictures_carry_no_dates_versions_or_paths() -> None:
    svg, pdf = render(DOT, "svg"), render(DOT, "pdf")
    assert b"Generated" not in svg
    assert str(Path.cwd()).encode() not in svg
    assert b"/CreationDate (D:19700101000000" in pdf
    assert render(DOT, "pdf") == pdf
    assert render(DOT, "png") == render(DOT, "png")


@pytest.mark.usefixtures("without_dot")
def test_a_png_has_enough_dots_to_be_read() -> None:
    svg = ElementTree.fromstring(render(DOT, "svg"))
    points = float((svg.get("width") or "").removesuffix("pt"))
    (width,) = struct.unpack(">I", render(DOT, "png")[16:20])
    assert width == pytest.approx(points * PNG_DPI / 72, abs=3)


@pytest.mark.usefixtures("without_dot")
@pytest.mark.parametrize("text", ["hello", "digraph { a ->", ""])
def test_what_is_not_dot_is_refused_in_words(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="the text cannot be drawn: "):
        render(text, "svg")
    assert capfd.readouterr().err == ""


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="'bmp' is not a format of pictures; there are svg, png, pdf, dot"):
        render(DOT, "bmp")


def test_text_is_drawn_on_a_machine_without_fonts(tmp_path: Path) -> None:
    """Two texts of one length look different only when there are letters rather than empty boxes."""
    script = (
        "import sys, explain.drawing.rendering as r; r.FONT_FOLDERS = ()\n"
        'dot = \'digraph{a [fontname="DejaVu Sans" width=3 label="%s"]}\'\n'
        "draw = lambda text: r.render(dot % text, 'png')\n"
        "fonts = r._own_fonts().name\n"
        "print(draw('nnnn') != draw('uuuu'), fonts)"
    )
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    environment = {"PATH": str(work), "HOME": str(work), "TMPDIR": str(temporary)}
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=work, check=True, capture_output=True, text=True
    )
    letters, fonts = ran.stdout.split()
    assert letters == "True"
    assert fonts.startswith(str(temporary))
    assert not [*work.iterdir(), *temporary.iterdir()], "something was left behind"
    assert not (FONTS / ".uuid").exists()


def test_importing_the_package_loads_no_graphics() -> None:
    script = (
        "import sys, explain.drawing.rendering; sys.exit(any(m in sys.modules for m in ('graphviz', 'pygraphviz')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_where_nothing_can_draw_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(Invalid, match=r"pip install 'metspine\[draw\]'"):
        render("digraph { a -> b }", "svg")
