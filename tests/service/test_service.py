from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from smf_builder import header, note, track
from starlette.testclient import TestClient

from humanize.api import Options, humanize_bytes
from humanize.service.app import STATIC, create_app
from humanize.service.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
PRELUDE = ROOT / "humanize/service/static/examples/bach_prelude.mid"
DATA = PRELUDE.read_bytes()
SETTINGS = ServiceSettings(workers=1, max_bytes=200_000, max_notes=5_000)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(SETTINGS), raise_server_exceptions=False) as client:
        yield client


def post(client: TestClient, path: str, data: bytes = DATA, name: str = "x.mid", **fields: str):
    return client.post(f"/v1/{path}", files={"file": (name, data)}, data=fields)


def assert_problem(answer, status: int, *words: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    for word in words:
        assert word in problem["detail"]
    assert "Traceback" not in answer.text
    return problem


def test_humanize_returns_what_the_library_returns(client: TestClient) -> None:
    answer = post(client, "humanize", strength="0.7", mean="70", range="30,110", tracks="2")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/midi"
    expected = humanize_bytes(DATA, strength=0.7, mean=70.0, range=(30, 110), tracks=["2"]).bytes
    assert answer.content == expected != DATA


def test_velocities_agree_with_the_file(client: TestClient) -> None:
    table = post(client, "velocities", contrast="1.5").json()
    columns = table["pieces"][0]["columns"]
    result = humanize_bytes(DATA, contrast=1.5)
    assert columns["velocity_after"] == result.velocities[0].tolist()
    assert columns["velocity_before"] == result.notes[0].velocity.tolist()
    assert set(columns["velocity_before"]) == {64}
    assert len({len(column) for column in columns.values()}) == 1
    assert [track["number"] for track in table["tracks"]] == [2, 3]


def test_velocities_of_humdrum_come_with_its_engraving(client: TestClient) -> None:
    kern = b"**kern\n*M4/4\n4c\n4d\n4e\n4f\n*-\n"
    answer = post(client, "velocities", kern).json()
    for own in answer["pieces"][0]["columns"]["written_id"]:
        assert f'xml:id="{own}"' in answer["mei"]
    assert "mei" not in post(client, "interpretation", kern).json()
    assert "mei" not in post(client, "velocities").json()


def test_velocities_name_tracks_and_say_which_change(client: TestClient) -> None:
    piano = track([(0, b"\xff\x03\x05Piano"), *note(0, 96, 60)])
    drums = track([(0, b"\xff\x03\x05Drums"), *note(0, 96, 36, channel=9)])
    table = post(client, "velocities", header(1, 2, 96) + piano + drums).json()
    assert table["tracks"] == [
        {"number": 1, "name": "Piano", "notes": 1, "changes": True},
        {"number": 2, "name": "Drums", "notes": 1, "changes": False},
    ]
    predicted = table["pieces"][0]["columns"]["predicted"]
    assert sorted(value is None for value in predicted) == [False, True]


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"strength": "2"}, "strength"),
        ({"strength": "loud"}, "strength"),
        ({"mean": "nan"}, "mean"),
        ({"range": "100,20"}, "range"),
        ({"range": "1"}, "range"),
        ({"channels": "17"}, "channels"),
        ({"channels": "x"}, "channels"),
        ({"tracks": "9"}, "tracks"),
        ({"measures": "900-"}, "selection has no notes"),
        ({"split": "hands"}, "split"),
        ({"dynamics": "louder"}, "dynamics"),
        ({"volume": "3"}, "volume"),
    ],
)
def test_a_bad_option_is_a_problem(client: TestClient, fields: dict[str, str], word: str) -> None:
    problem = assert_problem(post(client, "humanize", **fields), 422, word)
    assert problem["error"] == "OptionError"


@pytest.mark.parametrize("as_midi", ["false", "true"])
def test_a_score_comes_back_as_a_score_or_as_midi(client: TestClient, as_midi: str) -> None:
    score = (ROOT / "examples/waltz.musicxml").read_bytes()
    answer = post(client, "humanize", score, as_midi=as_midi)
    assert answer.status_code == 200, answer.text
    expected = humanize_bytes(score, name="x.musicxml", as_midi=as_midi == "true").bytes
    assert answer.content == expected != score
    kind = "audio/midi" if as_midi == "true" else "application/vnd.recordare.musicxml+xml"
    assert answer.headers["content-type"] == kind
    columns = post(client, "velocities", score).json()["pieces"][0]["columns"]
    assert len(columns["notated_level"]) == len(columns["pitch"]) > 100


def test_a_model_is_never_a_path(client: TestClient, tmp_path: Path) -> None:
    for name in (str(tmp_path), "../pretrained/piano-1", "/etc"):
        problem = assert_problem(post(client, "humanize", model=name), 422, "expected one of")
        assert problem["error"] == "ModelError"


@pytest.mark.parametrize("data", [b"", b"no music", b"MThd\0\0\0\6\0\1\0\1\1\0", DATA[:400]])
def test_a_bad_file_has_the_library_s_message(client: TestClient, data: bytes) -> None:
    answer = post(client, "humanize", data, name="../../etc/secret-name.mid")
    assert_problem(answer, 422)
    assert "secret-name" not in answer.text


def test_forms_that_are_none(client: TestClient) -> None:
    assert_problem(client.post("/v1/humanize", content=b"x"), 415, "multipart/form-data")
    kind = {"content-type": "multipart/form-data; boundary=b"}
    assert_problem(client.post("/v1/humanize", content=b"rubbish", headers=kind), 400)
    kind = {"content-type": "multipart/form-data"}
    assert_problem(client.post("/v1/humanize", content=b"rubbish", headers=kind), 400)
    assert_problem(client.post("/v1/humanize", files={"other": b"x"}), 422, "'file'")
    two = [("file", b"x"), ("file", b"y")]
    assert_problem(client.post("/v1/humanize", files=two), 400)


def test_limits_on_bytes_and_notes(client: TestClient) -> None:
    assert_problem(post(client, "humanize", bytes(300_000)), 413, "200,000 bytes")
    many = bytes([0, 0x90, 60, 64]) + bytes([0, 61, 64]) * 6_000 + b"\0\xff\x2f\0"
    track = b"MTrk" + len(many).to_bytes(4, "big") + many
    midi = bytes.fromhex("4d54686400000006000000010060") + track
    assert_problem(post(client, "humanize", midi), 413, "5,000 notes")


def test_a_body_without_a_length_is_limited_as_it_comes(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        for _ in range(1000):
            yield bytes(10_000)

    kind = {"content-type": "multipart/form-data; boundary=b"}
    assert_problem(client.post("/v1/humanize", content=endless(), headers=kind), 413)


def test_bombs_are_refused_and_the_service_goes_on(client: TestClient) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("score.musicxml", bytes(50_000_000))
    entities = '<!ENTITY e0 "lol">' + "".join(
        f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12)
    )
    xml = f"<!DOCTYPE score-partwise [{entities}]><score-partwise>&e11;</score-partwise>"
    for data in (archive.getvalue(), xml.encode()):
        answer = post(client, "humanize", data)
        assert answer.status_code in {413, 422, 501}, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert post(client, "humanize").status_code == 200


def test_models_health_metrics(client: TestClient) -> None:
    models = client.get("/v1/models").json()
    assert all(model["description"] for model in models["models"])
    assert models["default"] in [model["name"] for model in models["models"]]
    aliases = {model["name"]: model["aliases"] for model in models["models"]}
    assert aliases == {"piano-1": [], "piano-1-fast": ["fast"], "piano-free": []}
    one, other = (post(client, "humanize", model=m) for m in ("fast", "piano-1-fast"))
    assert one.status_code == other.status_code == 200
    assert one.content == other.content
    assert client.get("/healthz").json() == {"status": "ok"}
    post(client, "humanize")
    text = client.get("/metrics").text
    assert 'humanize_requests_total{route="humanize",status="200"}' in text
    notes = [line for line in text.splitlines() if line.startswith("humanize_notes_total ")]
    assert float(notes[0].split()[1]) >= 517


def test_unknown_paths_and_methods_are_problems(client: TestClient) -> None:
    assert_problem(client.get("/nothing"), 404)
    assert_problem(client.get("/static/../app.py"), 404)
    assert_problem(client.get("/v1/humanize"), 405)


def test_security_headers_and_no_cors(client: TestClient) -> None:
    for path in ("/", "/docs", "/static/app.js", "/healthz", "/nothing"):
        headers = client.get(path, headers={"Origin": "http://elsewhere.example"}).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


def test_the_page_and_docs_name_no_other_host(client: TestClient) -> None:
    for path in ("/", "/docs", "/static/style.css", "/static/docs.js"):
        text = client.get(path).text.replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text


def test_openapi_describes_the_options_of_the_library(client: TestClient) -> None:
    post = client.get("/openapi.json").json()["paths"]["/v1/humanize"]["post"]
    schema = post["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(schema["properties"]) == {
        "file",
        "as_midi",
        "interpretation",
        *Options.__annotations__,
    }


def test_a_token_guards_v1_and_metrics_alone() -> None:
    settings = ServiceSettings(workers=1, token="s3cret")
    with TestClient(create_app(settings)) as client:
        for path in ("/v1/models", "/metrics"):
            assert client.get(path).status_code == 401
            wrong = client.get(path, headers={"Authorization": "Bearer s3crex"})
            assert wrong.headers["www-authenticate"] == "Bearer"
            assert_problem(wrong, 401, "token")
            right = client.get(path, headers={"Authorization": "Bearer s3cret"})
            assert right.status_code == 200
        assert client.post("/v1/humanize", files={"file": DATA}).status_code == 401
        assert client.get("/healthz").status_code == client.get("/").status_code == 200
    assert "s3cret" not in repr(settings)


def test_nothing_is_written_to_disk(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    def refuse(*_: object, **__: object) -> None:
        raise OSError("a temporary file was asked for")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    large = DATA + bytes(150_000)  # bytes after the last track are kept as they came
    answer = post(client, "humanize", large)
    assert answer.status_code in {200, 422}
    settings = ServiceSettings(workers=1, max_bytes=5_000_000)
    with TestClient(create_app(settings)) as roomy:
        answer = post(roomy, "humanize", DATA + bytes(3_000_000))
        assert answer.status_code in {200, 422}, answer.text
    assert json.loads(client.get("/healthz").text)["status"] == "ok"


def test_pages_are_written_once() -> None:
    """HTML and styles stand where they ship; the source of a page has what is bundled alone."""
    for source in ROOT.glob("humanize/*/page_src"):
        assert not [*source.glob("*.html"), *source.glob("*.css"), *source.glob("docs.js")]


def test_the_page_s_examples_are_the_project_s() -> None:
    files = sorted((STATIC / "examples").iterdir())
    assert len(files) == 5
    for file in files:
        assert file.read_bytes() == (ROOT / "examples" / file.name).read_bytes()


def test_everything_that_ships_has_its_licence() -> None:
    text = (STATIC / "LICENCES.txt").read_text(encoding="utf-8")
    for part in ("spessasynth_lib", "spessasynth_core", "stb-vorbis", "@tonejs/midi", "midi-file"):
        assert f"{part} " in text
    assert "Frank Wen" in text
    assert text.count("Apache License") >= 3
