"""One evening as it is meant: build, serve, a rater in a real browser, analyse."""

import json
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from rater_page import begin, heading, listen, press_button

from humanize.commands.listen import command

uvicorn = pytest.importorskip("uvicorn", reason="uvicorn is not installed; it comes with [listen]")
try:
    import fluidsynth  # noqa: F401
except ImportError:
    pytest.skip("needs pyfluidsynth and Debian's libfluidsynth3", allow_module_level=True)

EXAMPLES = Path(__file__).parents[2] / "examples"
EVENINGS = {
    "velocities": ["--conditions", "constant,model"],
    "performances": ["--compare", "performances", "--conditions", "deadpan,model"],
}


@pytest.fixture(params=EVENINGS)
def evening(request):
    return request.param


@pytest.fixture
def served(tmp_path, evening):
    from humanize.listening.server import AnswerStore, make_app, read_manifest

    build = [
        "build", str(EXAMPLES / "waltz.mid"), "-o", str(tmp_path / "packet"),
        "--key", str(tmp_path / "key.json"), "--raters", "1", "--excerpt", "0.6s",
        *EVENINGS[evening],
    ]  # fmt: skip
    result = CliRunner().invoke(command, build, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    store = AnswerStore(tmp_path / "answers", read_manifest(tmp_path / "packet"))
    app = make_app(tmp_path / "packet", store)
    config = uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    (socket,) = server.servers[0].sockets
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def rest(page, question):
    heading(page, "Take a break")
    assert "From here on the question is another one" in page.inner_text("body")
    assert question in page.inner_text("body")
    press_button(page, "Go on")


def test_from_a_file_to_a_report(served, tmp_path, browser, evening):
    manifest = json.loads((tmp_path / "packet" / "packet.json").read_text())
    (code,) = (tmp_path / "key.raters.txt").read_text().split()
    (trials,) = manifest["raters"].values()
    complaints = []
    context = browser.new_context()
    page = context.new_page()
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{served}/?rater={code}")
    begin(page)
    asked = [manifest["questions"][trial["question"]] for trial in trials]
    for place in range(len(trials)):
        if place and asked[place] != asked[place - 1]:
            rest(page, asked[place])
        heading(page, f"Trial {place + 1} of {len(trials)}")
        assert asked[place] in page.inner_text("body")
        listen(page, "A", "B")
        page.get_by_role("radio", name="No difference", exact=True).check()
        press_button(page, "Next")
    heading(page, "Thank you")
    stored = (tmp_path / "answers" / f"{code}.jsonl").read_text().splitlines()
    assert len(stored) == len(trials) >= 5
    assert json.loads(stored[-1])["chain"][:8].upper() in page.inner_text("body")
    context.close()
    assert complaints == []
    analyze = [
        "analyze", str(tmp_path / "answers"), "--key", str(tmp_path / "key.json"),
        "-o", str(tmp_path / "report"),
    ]  # fmt: skip
    result = CliRunner().invoke(command, analyze, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "report" / "results.json").read_text())
    pair, questions = {
        "velocities": ("constant over model", {"human"}),
        "performances": ("deadpan over model", {"timing", "dynamics"}),
    }[evening]
    assert set(found["questions"]) == questions == {trial["question"] for trial in trials}
    for question in questions:
        assert found["questions"][question]["shares"][pair]["value"] == 0.5
    assert found["raters"][0]["answered"] == len(trials) and not found["raters"][0]["excluded"]
