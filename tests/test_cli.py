"""The command line: what it prints, what it ends with, what a mistake says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sites.server import Site

ROOT = Path(__file__).parents[1]
NOTE = "# 水壶\n\n水壶的底是铜做的，导热很快，两分钟就能把水烧开。把手用榉木做成，握着不烫手。\n"


def citeback(*arguments: str, code: int = 0, module: str = "rag.cli") -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == code, result.stderr + result.stdout
    return result


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list of four links of the small web, rebuilt with one page saved by hand."""
    folder = tmp_path_factory.mktemp("cli")
    with Site() as site:
        links = [
            f"- [Kettle]({site.url}/article)",
            f"- [Closed]({site.url}/closed/a)",
            f"- [Gone]({site.url}/missing)",
            f"- [水壶]({site.url}/closed/b)",
        ]
        (folder / "list.md").write_text("# Kettles\n\n" + "\n".join(links), encoding="utf-8")
        (folder / "note.md").write_text(NOTE, encoding="utf-8")
        data = str(folder / "data")
        report = json.loads(
            citeback("rebuild", str(folder / "list.md"), "--allow-private", "--data", data, "--json").stdout
        )
        assert report["outcomes"] == {"robots": 2, "not_found": 1, "read": 1}
        added = json.loads(
            citeback("add", str(folder / "note.md"), "--url", f"{site.url}/closed/b", "--data", data, "--json").stdout
        )
        assert added["added"][0]["reference"] == 4
        assert added["report"]["changes"]["recovered"] == 1
    return folder / "data"


def test_a_question_is_answered_with_a_citation_as_json_and_as_text(built: Path) -> None:
    document = json.loads(citeback("ask", "水壶的底是什么做的？", "--data", str(built), "--json").stdout)
    assert document["citations"][0]["quote"] == "水壶的底是铜做的，导热很快，两分钟就能把水烧开。"
    text = citeback("ask", "What is the base of the kettle made of?", "--data", str(built)).stdout
    assert "copper" in text
    assert "/article" in text


def test_topic_and_site_narrow_a_question(built: Path) -> None:
    for arguments in (("--topic", "no such topic"), ("--site", "example.org")):
        document = json.loads(
            citeback("ask", "水壶的底是什么做的？", *arguments, "--data", str(built), "--json").stdout
        )
        assert document["refused"]


def test_status_names_every_reference(built: Path) -> None:
    report = json.loads(citeback("status", "--data", str(built), "--json").stdout)
    assert [item["outcome"] for item in report["items"]] == ["read", "robots", "not_found", "read"]
    text = citeback("status", "--data", str(built)).stdout
    assert all(title in text for title in ("Kettle", "Closed", "Gone", "水壶"))
    assert "citeback add FILE --url URL" in text


def test_a_second_build_of_unchanged_pages_embeds_nothing_and_says_so(built: Path) -> None:
    result = citeback("--offline", "--data", str(built), module="index")
    assert "Nothing to embed" in result.stdout
    assert "4 unchanged" in result.stdout


def test_a_build_with_nothing_new_publishes_nothing(built: Path) -> None:
    before = json.loads(citeback("status", "--data", str(built), "--json").stdout)["snapshot"]
    report = json.loads(citeback("rebuild", "--offline", "--data", str(built), "--json").stdout)
    assert (report["snapshot"], report["changes"]["unchanged"]) == (before, 4)
    assert len(list((built / "snapshots").iterdir())) == 2


def test_a_saved_page_can_be_taken_back(built: Path) -> None:
    url = json.loads(citeback("status", "--data", str(built), "--json").stdout)["items"][3]["url"]
    report = json.loads(citeback("add", "--remove", url, "--data", str(built), "--json").stdout)["report"]
    assert report["changes"]["newly_unread"] == 1
    assert report["items"][3]["outcome"] == "robots"
    citeback("add", "--remove", url, "--data", str(built), code=1)


def test_rollback_goes_one_snapshot_back(built: Path) -> None:
    names = sorted(path.name for path in (built / "snapshots").iterdir())
    assert names[-2] in citeback("rollback", "--data", str(built)).stdout
    assert json.loads(citeback("status", "--data", str(built), "--json").stdout)["snapshot"] == names[-2]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("rebuild", "nowhere.md"), 2, "nowhere.md does not exist"),
        (("rebuild", "--embedder", "./no-model"), 1, "no-model"),
        (("ask", "什么？"), 1, "run `citeback rebuild`"),
        (("status",), 1, "run `citeback rebuild`"),
        (("rollback",), 1, "run `citeback rebuild`"),
        (("rebuild", "htp://bad.example"), 2, "The list htp://bad.example is no address that can be fetched"),
        (("add", "nowhere.html"), 2, "nowhere.html does not exist"),
        (("add", "README.md", "--url", "mailto:a@x.org"), 2, "is not a web address"),
        (("serve", "--port", "nine"), 2, "nine"),
        (("nonsense",), 2, "nonsense"),
        (("status", "--nonsense"), 2, "`citeback status --help`"),
        (("ask", "x" * 2001), 1, "run `citeback rebuild`"),
        (("--data", ".", "status"), 2, "Options come after the command"),
    ],
)
def test_a_mistake_is_one_clear_line_and_the_right_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    data = () if arguments[0] in ("nonsense", "--data") else ("--data", str(tmp_path))
    result = citeback(*arguments, *data, code=code)
    assert message in result.stderr
    assert result.stderr.startswith("citeback: ") and result.stderr.count("\n") == 1
    assert not result.stdout


def test_a_data_folder_that_is_no_folder_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "is a file" in citeback("status", "--data", str(tmp_path / "file"), code=2).stderr
    missing = tmp_path / "missing"
    assert "There is no index" in citeback("rollback", "--data", str(missing), code=1).stderr and not missing.exists()


def test_a_build_says_which_pages_it_did_not_ask_for_again(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    with Site() as site:
        (tmp_path / "list.md").write_text(f"- [Kettle]({site.url}/article)\n", encoding="utf-8")
        built = citeback("rebuild", str(tmp_path / "list.md"), "--allow-private", *data, "--json")
        again = citeback("rebuild", "--allow-private", *data)
    first = json.loads(built.stdout)
    assert first["not_asked"] == 0
    assert "Not asked for again, because they were lately: 1" in again.stdout
    status = citeback("status", *data).stdout
    assert "Not asked" not in status and f"Snapshot {first['snapshot']}." in status


def test_an_empty_question_is_wrong_usage(built: Path) -> None:
    assert "The question is empty" in citeback("ask", " ", "--data", str(built), code=2).stderr


def test_a_wall_that_was_saved_is_refused_with_its_reason(built: Path, tmp_path: Path) -> None:
    (tmp_path / "wall.html").write_text('<html><div class="weui-msg"><h2>环境异常</h2></div></html>', encoding="utf-8")
    url = json.loads(citeback("status", "--data", str(built), "--json").stdout)["items"][1]["url"]
    result = citeback("add", str(tmp_path / "wall.html"), "--url", url, "--data", str(built), code=1)
    assert "not added: blocked" in result.stdout


def test_a_page_of_no_reference_is_named_with_what_to_do(built: Path, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(NOTE, encoding="utf-8")
    assert "--url URL" in citeback("add", str(tmp_path / "a.md"), "--data", str(built), code=1).stdout


def test_profile_names_the_functions_that_the_time_went_to(tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text("- [A kettle](https://a.example.org/kettle)\n", encoding="utf-8")
    result = citeback(
        "rebuild", str(tmp_path / "list.md"), "--offline", "--profile", "--json", "--data", str(tmp_path / "d")
    )
    assert "processor time" in result.stderr
    assert "index/build.py:build" in result.stderr
    assert json.loads(result.stdout)["references"] == 1


def test_questions_from_stdin_become_json_lines_in_order(built: Path) -> None:
    asked = "水壶的底是什么做的？\n\n  What is the base of the kettle made of?\n"
    command = [sys.executable, "-m", "rag.cli", "ask", "-", "--data", str(built)]
    result = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["question"] for line in lines] == ["水壶的底是什么做的？", "What is the base of the kettle made of?"]
    assert all(line["citations"] and line["answer"] for line in lines)


def test_a_reader_that_stops_reading_is_no_error(built: Path) -> None:
    shell = f"yes '水壶的底是什么做的？' | {sys.executable} -m rag.cli ask - --data {built} | head -n 1"
    result = subprocess.run(["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert json.loads(result.stdout)["citations"]
    assert "Error" not in result.stderr and "Traceback" not in result.stderr


def test_colours_are_for_terminals_only(built: Path) -> None:
    import os
    import pty

    question = "What is the base of the kettle made of?"

    def on_a_terminal(*arguments: str, **more: str) -> str:
        reader, writer = pty.openpty()
        command = [sys.executable, "-m", "rag.cli", *(arguments or ("ask", question)), "--data", str(built)]
        environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"} | more
        process = subprocess.Popen(command, cwd=ROOT, stdout=writer, env=environment)
        os.close(writer)
        said = b""
        try:
            while piece := os.read(reader, 4096):
                said += piece
        except OSError:
            pass  # how the end of a terminal's output is told
        os.close(reader)
        assert process.wait() == 0
        return said.decode()

    assert "\x1b[36m[1]\x1b[0m" in on_a_terminal()
    assert "\x1b" not in on_a_terminal(NO_COLOR="1")
    assert "\x1b" in on_a_terminal("status") and "\x1b" not in on_a_terminal("status", NO_COLOR="1")
    assert "\x1b" not in citeback("ask", "What is the base of the kettle made of?", "--data", str(built)).stdout


@pytest.mark.parametrize(
    ("words", "offered"), [("citeback re", ["rebuild"]), ("citeback ask --to", ["--topic", "--top-k"]), ("citeback mc", ["mcp"])]
)  # fmt: skip
def test_the_shell_completes_commands_and_options(words: str, offered: list[str]) -> None:
    import os

    environment = {**os.environ, "_CITEBACK_COMPLETE": "bash_complete", "COMP_WORDS": words}
    command = [str(Path(sys.executable).parent / "citeback")]
    result = subprocess.run(
        command, cwd=ROOT, env=environment | {"COMP_CWORD": str(words.count(" "))}, capture_output=True, text=True, check=True
    )  # fmt: skip
    assert [line.partition(",")[2] for line in result.stdout.splitlines()] == offered
