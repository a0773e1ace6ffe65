import json
import threading

import pytest
from click.testing import CliRunner
from raters import line, sheet, text, without_codes

from humanize.commands.listen import command
from humanize.errors import InputError, OptionError
from humanize.listening.answers import chain_of
from humanize.listening.server import AnswerStore, make_app, read_manifest

pytest.importorskip("starlette", reason="needs starlette (extra: listen)")
MANIFEST = {
    "version": 1,
    "key_sha256": "ab" * 32,
    "raters": {
        code: [{"id": f"{code}{i:08}", "question": "human", "sounds": 2} for i in range(5)]
        for code in ("11111111", "22222222")
    },
}
RATER = "11111111"
PACKED = without_codes(MANIFEST)
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def packet(tmp_path):
    folder = tmp_path / "packet"
    folder.mkdir()
    (folder / "packet.json").write_text(json.dumps(PACKED))
    (folder / "index.html").write_text("<!doctype html><title>Listen</title>")
    return folder


@pytest.fixture
def client(packet, tmp_path):
    testclient = pytest.importorskip("starlette.testclient", reason="needs httpx (extra: dev)")
    with testclient.TestClient(
        make_app(packet, AnswerStore(tmp_path / "answers", PACKED))
    ) as client:
        yield client


def lines(count=5, rater=RATER):
    return [text([each]).strip() for each in sheet(MANIFEST, rater, lambda _: {}, count)]


def test_answers_are_kept_and_come_back(client, tmp_path):
    assert client.get(f"/answers/{RATER}").text == ""
    for each in lines(3):
        assert client.post(f"/answers/{RATER}", content=each, headers=JSON).status_code == 204
    assert client.get(f"/answers/{RATER}").text == "\n".join(lines(3)) + "\n"
    assert [p.name for p in (tmp_path / "answers").iterdir()] == [f"{RATER}.jsonl"]


def test_a_line_sent_twice_is_kept_once(client):
    first, second = lines(2)
    for each in (first, first, second, second):
        assert client.post(f"/answers/{RATER}", content=each, headers=JSON).status_code == 204
    assert client.get(f"/answers/{RATER}").text == f"{first}\n{second}\n"


def test_answers_survive_a_killed_server(packet, tmp_path):
    folder = tmp_path / "answers"
    first, second, third = lines(3)
    for each in (first, second):
        assert AnswerStore(folder, PACKED).append(RATER, each.encode()) == ""
    path = folder / f"{RATER}.jsonl"
    path.write_text(path.read_text() + third[:50])  # killed half-way through the third
    again = AnswerStore(folder, PACKED)
    assert again.stored(RATER).decode() == f"{first}\n{second}\n"
    assert again.append(RATER, third.encode()) == ""
    assert path.read_text() == f"{first}\n{second}\n{third}\n"


@pytest.mark.parametrize(
    ("content", "status"),
    [("hello", 409), ("[]", 409), ("{}", 409), ("x" * 9000, 413), ("", 409), ("[" * 8000, 409)],
)
def test_what_is_no_answer_is_refused(client, content, status):
    assert client.post(f"/answers/{RATER}", content=content, headers=JSON).status_code == status
    assert client.get(f"/answers/{RATER}").text == ""


def test_answers_that_do_not_belong_here(client):
    first, second = lines(2)
    other = line({**MANIFEST, "key_sha256": "cd" * 32}, RATER, 0, "cd" * 32)
    assert "does not follow" in client.post(f"/answers/{RATER}", content=second, headers=JSON).text
    assert client.post("/answers/22222222", content=first, headers=JSON).status_code == 409
    assert (
        "another packet"
        in client.post(f"/answers/{RATER}", content=text([other]).strip(), headers=JSON).text
    )
    assert client.post("/answers/33333333", content=first, headers=JSON).status_code == 404
    assert client.get("/answers/33333333").status_code == 404
    assert client.post("/answers/..%2fpacket", content=first, headers=JSON).status_code in (
        404,
        405,
    )


def test_a_code_is_the_rater_s_secret(client):
    everything = client.get("/packet.json").text
    for code in MANIFEST["raters"]:
        assert f'"{code}"' not in everything
    for digest in PACKED["raters"]:
        assert client.get(f"/answers/{digest}").status_code == 404


def answer(**changes):
    """The first answer of a rater, with changes under a chain that holds."""
    said = line(MANIFEST, RATER, 0, MANIFEST["key_sha256"])
    said = {**{name: value for name, value in said.items() if name != "chain"}, **changes}
    return text([{**said, "chain": chain_of(MANIFEST["key_sha256"], said)}]).strip()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (answer(trial="f" * 16), "none of this rater's"),
        (answer(trial=["1"]), "none of this rater's"),
        (answer(trial=MANIFEST["raters"]["22222222"][0]["id"]), "none of this rater's"),
        (answer(grade=4), "expected -3 to 3"),
        (answer(grade=True), "expected -3 to 3"),
        (answer(grade=float("nan")), "no answer"),
        (answer(seconds=float("inf")), "no answer"),
        (answer(grade=None, ratings=[1]), "expected 0 to 100"),
        (answer(heard=[1, 0]), "heard to its end"),
        (answer(order=["x", "y"]), "another order"),
        (answer(question="preference"), "another order or question"),
        (answer(place=1), "does not follow"),
        (answer(version=2), "another packet"),
        (answer().replace(":", ":\r", 1), "several lines"),
        (answer().replace('"grade":0', '"grade":0,"grade":1'), "no answer"),
    ],
)
def test_an_answer_is_held_against_the_packet_when_it_arrives(client, content, said):
    reply = client.post(f"/answers/{RATER}", content=content, headers=JSON)
    assert (reply.status_code, said in reply.text) == (409, True), reply.text
    good = lines(1)[0]
    assert client.post(f"/answers/{RATER}", content=good, headers=JSON).status_code == 204
    assert client.get(f"/answers/{RATER}").text == f"{good}\n"


def test_the_first_answer_counts_and_later_ones_are_kept_apart(client, tmp_path):
    for each in lines(3):
        assert client.post(f"/answers/{RATER}", content=each, headers=JSON).status_code == 204
    for _ in range(150):
        again = client.post(f"/answers/{RATER}", content=answer(grade=3), headers=JSON)
        assert (again.status_code, "answered before" in again.text) == (409, True)
    assert client.get(f"/answers/{RATER}").text.splitlines() == lines(3)
    apart = tmp_path / "answers" / f"{RATER}.later"
    assert set(apart.read_text().splitlines()) == {answer(grade=3)}
    assert apart.stat().st_size <= 1_000_000


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "text/plain; application/json"}, 415),
        ({"Content-Type": ""}, 415),
        ({**JSON, "Origin": "http://elsewhere"}, 403),
        ({**JSON, "Origin": "null"}, 403),
        ({**JSON, "Sec-Fetch-Site": "cross-site"}, 403),
        ({**JSON, "Sec-Fetch-Site": "same-site"}, 403),
        ({**JSON, "Origin": "http://testserver"}, 204),
        ({**JSON, "Sec-Fetch-Site": "same-origin", "Origin": "https://before.the.proxy"}, 204),
        ({"Content-Type": "Application/JSON; charset=utf-8"}, 204),
    ],
)
def test_answers_come_from_the_page_itself_and_are_json(client, headers, status):
    reply = client.post(f"/answers/{RATER}", content=lines(1)[0], headers=headers)
    assert reply.status_code == status


def test_raters_at_the_same_time(packet, tmp_path):
    store = AnswerStore(tmp_path / "answers", PACKED)

    def take(rater):
        for each in lines(5, rater):
            assert store.append(rater, each.encode()) == ""

    threads = [threading.Thread(target=take, args=(rater,)) for rater in MANIFEST["raters"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for rater in MANIFEST["raters"]:
        assert store.stored(rater).decode().splitlines() == lines(5, rater)


def test_the_page_and_the_headers(client):
    answer = client.get("/")
    assert "Listen" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert client.get("/packet.json").json() == PACKED
    assert client.get("/../pyproject.toml").status_code == 404


def test_a_folder_that_is_no_packet(tmp_path, packet):
    with pytest.raises(InputError, match=r"no packet\.json found; expected a packet"):
        read_manifest(tmp_path)
    (tmp_path / "packet.json").write_text("{}")
    with pytest.raises(InputError, match="not a packet's manifest"):
        read_manifest(tmp_path)
    with pytest.raises(OptionError, match="inside the packet"):
        CliRunner().invoke(
            command, ["serve", str(packet), "-o", str(packet / "a")], catch_exceptions=False
        )
