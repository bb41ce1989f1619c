"""How the served process begins, without a browser."""

import socket

import pytest
from click.testing import CliRunner

from ui.cli import main
from ui.web.serving import listening
from vectorstore.errors import UsageError


def test_a_busy_port_is_an_error_that_names_the_option() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(UsageError, match=rf"Port {port} of 127.0.0.1 cannot be used: .*--port"),
            listening("127.0.0.1", port),
        ):
            pass


def test_a_port_that_is_none_is_an_error() -> None:
    with pytest.raises(UsageError, match="ports end at 65535"), listening("127.0.0.1", 99999):
        pass


def test_port_0_takes_a_free_one() -> None:
    with listening("127.0.0.1", 0) as sock:
        assert sock.getsockname()[1] > 0


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_the_page_is_refused_to_other_machines_while_nobody_has_a_password(host: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    done = CliRunner().invoke(main, ["ui", "--library", str(tmp_path / "library"), "--host", host, "--port", "0"])
    assert done.exit_code == 2
    assert "footnote users add NAME" in done.stderr
    assert not (tmp_path / "library").exists()
