import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from ui.web.users import Users
from vectorstore.errors import LibraryDamaged, UsageError

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SLOWER = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "users.json"


@pytest.fixture
def users(path: Path) -> Users:
    return Users(path, QUICK)


@pytest.fixture
def ann(users: Users) -> Users:
    users.add("ann", PASSWORD)
    return users


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_no_file_means_no_users(users: Users, path: Path) -> None:
    assert not users
    assert users.names() == []
    assert not users.check("ann", PASSWORD)
    assert users.person_of_token("fn_anything") is None
    assert not path.exists()


def test_a_user_is_known_by_the_password_alone(ann: Users) -> None:
    assert ann
    assert ann.check("ann", PASSWORD)
    assert not ann.check("ann", PASSWORD + " ")
    assert not ann.check("ann", "")
    assert not ann.check("Ann", PASSWORD)
    assert not ann.check("ben", PASSWORD)


def test_neither_a_password_nor_a_token_is_in_the_file(ann: Users, path: Path) -> None:
    token = ann.new_token("ann")
    kept = path.read_text()
    assert "$argon2id$" in kept
    assert PASSWORD not in kept
    assert token not in kept
    assert token.removeprefix("fn_") not in kept


def test_the_file_is_for_its_owner_alone_whatever_the_umask(users: Users, path: Path) -> None:
    before = os.umask(0)
    try:
        users.add("ann", PASSWORD)
    finally:
        os.umask(before)
    assert mode(path) == 0o600
    path.chmod(0o644)
    users.add("ben", PASSWORD)
    assert mode(path) == 0o600


def test_another_password_replaces_the_old_one_and_ends_tokens(ann: Users) -> None:
    token, before = ann.new_token("ann"), ann.fingerprint("ann")
    ann.add("ann", "another password")
    assert ann.names() == ["ann"]
    assert ann.check("ann", "another password")
    assert not ann.check("ann", PASSWORD)
    assert ann.person_of_token(token) is None
    assert ann.fingerprint("ann") != before


def test_a_removed_user_is_gone_with_every_token(ann: Users) -> None:
    token = ann.new_token("ann")
    ann.remove("ann")
    assert not ann
    assert not ann.check("ann", PASSWORD)
    assert ann.person_of_token(token) is None
    assert ann.fingerprint("ann") is None


def test_each_token_is_new_and_leads_to_its_user(ann: Users) -> None:
    ann.add("ben", PASSWORD)
    tokens = [ann.new_token("ann"), ann.new_token("ben"), ann.new_token("ann")]
    assert len(set(tokens)) == 3
    assert all(len(token) == len("fn_") + 43 for token in tokens)
    assert [ann.person_of_token(token) for token in tokens] == ["ann", "ben", "ann"]


@pytest.mark.parametrize("token", ["", "fn_", "ann", "\ud800"])
def test_what_is_no_token_leads_to_nobody(ann: Users, token: str) -> None:
    ann.new_token("ann")
    assert ann.person_of_token(token) is None


def test_the_hash_of_a_token_is_no_token(ann: Users, path: Path) -> None:
    ann.new_token("ann")
    (digest,) = json.loads(path.read_text())["ann"]["tokens"]
    assert ann.person_of_token(digest) is None


@pytest.mark.parametrize("name", ["a", "Ann.B-c_9", "7", "x" * 64])
def test_usual_names_will_do(users: Users, name: str) -> None:
    users.add(name, PASSWORD)
    assert users.names() == [name]


@pytest.mark.parametrize(
    "name",
    [
        *("", "../x", "..", ".", ".ssh", "-rf", "a/b", "a\\b", "a b", "ann\n", "a\x00", "x" * 65, "ann@paper.example"),
        *("аnn", "Ａnn", "ann\u200b", "anñ", "٣", '"><script>', "a:b"),
    ],
)
def test_names_that_could_be_taken_for_others_or_for_paths_are_refused(users: Users, path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="begin with a letter or a digit"):
        users.add(name, PASSWORD)
    assert not path.exists()


@pytest.mark.parametrize("password", ["", "short", "nine char"])
def test_a_short_password_is_refused(users: Users, password: str) -> None:
    with pytest.raises(UsageError, match="10 characters"):
        users.add("ann", password)


@pytest.mark.parametrize(
    "password",
    ["          x", "pässwörd  mit  Räumen ", "密码密码密码密码密码", "🔑" * 10, "a\x00bcdefghijk", "x" * 100_000],
)
def test_any_text_is_a_password(users: Users, password: str) -> None:
    users.add("ann", password)
    assert users.check("ann", password)
    assert not users.check("ann", password[:-1])


def test_a_password_is_the_same_however_its_letters_are_composed(users: Users) -> None:
    users.add("ann", "pa\u0308sswo\u0308rd ok")
    assert users.check("ann", "p\u00e4ssw\u00f6rd ok")


def test_bytes_that_are_no_text_are_no_password(users: Users) -> None:
    with pytest.raises(UsageError, match="UTF-8"):
        users.add("ann", "ten or more \udcff")
    assert not users.check("ann", "ten or more \udcff")


def test_tokens_and_removal_are_for_users_that_there_are(ann: Users) -> None:
    with pytest.raises(UsageError, match="footnote users list"):
        ann.new_token("ben")
    with pytest.raises(UsageError, match="footnote users list"):
        ann.remove("ben")
    assert ann.names() == ["ann"]


def test_a_change_by_another_process_is_seen_at_once(ann: Users, path: Path) -> None:
    other = Users(path, QUICK)
    assert other.names() == ["ann"]
    ann.add("ben", PASSWORD)
    assert other.check("ben", PASSWORD)
    ann.remove("ann")
    assert other.names() == ["ben"]


def test_a_hash_made_with_older_parameters_is_made_again_when_its_user_signs_in(ann: Users, path: Path) -> None:
    token = ann.new_token("ann")
    newer = Users(path, SLOWER)
    assert not newer.check("ann", "wrong password")
    assert "t=1," in path.read_text()
    assert newer.check("ann", PASSWORD)
    assert "t=2," in path.read_text()
    assert newer.check("ann", PASSWORD)
    assert newer.person_of_token(token) == "ann"


class Counting(PasswordHasher):
    """Says how often a password was compared with a hash."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.compared: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.compared.append(str(hash).split("$")[3])
        return super().verify(hash, password)


def test_a_name_that_there_is_not_takes_the_same_work(path: Path) -> None:
    hasher = Counting()
    users = Users(path, hasher)
    users.add("ann", PASSWORD)
    for name in ("ann", "ben", "../x", ""):
        assert not users.check(name, "wrong password")
    assert hasher.compared == ["m=8,t=1,p=1"] * 4


GOOD_HASH = QUICK.hash(PASSWORD)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"ann"',
        b"[" * 100_000,
        b'{"ann": null}',
        b'{"ann": {}}',
        b'{"ann": {"password": "hunter2", "tokens": []}}',
        b'{"ann": {"password": 5, "tokens": []}}',
        json.dumps({"ann": {"password": GOOD_HASH}}).encode(),
        json.dumps({"ann": {"password": GOOD_HASH, "tokens": "abc"}}).encode(),
        json.dumps({"ann": {"password": GOOD_HASH, "tokens": [5]}}).encode(),
        json.dumps({"ann": {"password": GOOD_HASH, "tokens": ["fn_plain"]}}).encode(),
        json.dumps({"../x": {"password": GOOD_HASH, "tokens": []}}).encode(),
    ],
    ids=lambda content: content[:40].decode("latin-1"),
)
def test_a_damaged_file_never_means_that_there_are_no_users(users: Users, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    uses = (
        lambda: bool(users),
        users.names,
        lambda: users.check("ann", PASSWORD),
        lambda: users.add("ann", PASSWORD),
        lambda: users.remove("ann"),
        lambda: users.new_token("ann"),
        lambda: users.person_of_token("fn_x"),
        lambda: users.fingerprint("ann"),
    )
    for use in uses:
        with pytest.raises(LibraryDamaged, match="footnote users add NAME"):
            use()
    assert path.read_bytes() == content


def test_a_file_that_is_damaged_while_it_is_used_is_noticed_and_so_is_its_repair(ann: Users, path: Path) -> None:
    whole = path.read_bytes()
    assert ann
    path.write_bytes(whole[:-20])
    with pytest.raises(LibraryDamaged):
        bool(ann)
    path.write_bytes(whole)
    assert ann.check("ann", PASSWORD)


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "users.json").mkdir()
    with pytest.raises(LibraryDamaged, match="cannot be read"):
        bool(Users(tmp_path / "users.json"))


ADD = """
import sys
from pathlib import Path
from argon2 import PasswordHasher
from ui.web.users import Users
users = Users(Path(sys.argv[1]), PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
sys.stdin.readline()
for name in sys.argv[2:]:
    users.add(name, "a long password")
"""


def test_two_processes_that_add_users_at_once_lose_none(path: Path) -> None:
    names = [[f"{side}{number}" for number in range(20)] for side in "ab"]
    running = [
        subprocess.Popen([sys.executable, "-c", ADD, str(path), *side], stdin=subprocess.PIPE, text=True)
        for side in names
    ]
    for process in running:  # both have started before either is told to go on
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.close()
    assert [process.wait(30) for process in running] == [0, 0]
    assert Users(path).names() == sorted(names[0] + names[1])


KILLED = "import os\nos.fsync = lambda _: os._exit(9)\n" + ADD


def test_a_process_that_is_killed_while_writing_leaves_the_old_users(ann: Users, path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), "ben"], input="\n", text=True, timeout=30)
    assert killed.returncode == 9
    left = path.with_name("users.json.new")
    assert mode(left) == 0o600
    assert ann.names() == ["ann"]
    assert ann.check("ann", PASSWORD)
    left.write_text("half")
    left.chmod(0o644)
    ann.add("cem", PASSWORD)
    assert ann.names() == ["ann", "cem"]
    assert mode(path) == 0o600
    assert not left.exists()


def test_a_draft_that_is_a_link_to_elsewhere_is_not_followed(ann: Users, path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    path.with_name("users.json.new").symlink_to(elsewhere)
    ann.add("ben", PASSWORD)
    assert elsewhere.read_text() == "mine"
    assert not path.is_symlink()
