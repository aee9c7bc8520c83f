"""Sets a checkout up: uv, Python 3.12, the locked packages in .venv, and a browser for the browser tests.

    python3 requirements/install.py run|dev|bench     (`make up` asks for run, `make test` for dev)
    python3 requirements/install.py lock [--upgrade]  (`make lock`)

Needs nothing but a Python 3.8 or newer and a package registry. What is in place already is left alone, so a second run
takes no time. Everything lands in .tools/ and .venv/ of the checkout; only Chromium comes from the system's packages.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS, VENV, LOCKS = ROOT / ".tools", ROOT / ".venv", ROOT / "requirements"
SETS = ("run", "dev", "bench")  # each holds the one before
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class SetupError(Exception):
    """What is missing on this machine and how to get it, in a sentence."""


def say(text: str) -> None:
    sys.stderr.write(f"setup: {text}\n")
    sys.stderr.flush()


def run(*command: object, quiet: bool = False, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command without input; with `quiet` its output is kept, otherwise it goes to standard error."""
    return subprocess.run(  # noqa: S603
        [str(part) for part in command],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else sys.stderr,
        stderr=subprocess.PIPE if quiet else None,
        text=True,
        check=False,
    )


def works(*command: object) -> bool:
    try:
        return run(*command, quiet=True).returncode == 0
    except OSError:
        return False


def apt_install(*packages: str) -> bool:
    """Install Debian packages where we may; False where we may not or it fails."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    say(f"installing {' '.join(packages)} with apt-get")
    for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
        done = run("apt-get", *command, quiet=True, env=env)
        if done.returncode != 0:
            say(f"apt-get {command[0]} failed: {(done.stderr or '').strip()[-500:]}")
            return False
    return True


# --- uv -------------------------------------------------------------------------------------------------------------


def uv() -> str:
    """The uv to use: the one on the PATH, or ours, fetched by the first way that works on this machine."""
    own = TOOLS / "uv" / "bin" / "uv"
    for found in (str(own), shutil.which("uv")):
        if found and works(found, "pip", "sync", "--help"):
            return found
    say("fetching uv into .tools/")
    ways = (_uv_by_pip, _uv_by_venv, _uv_by_bundled_pip, _uv_by_apt_pip)
    for way in ways:
        if way() and works(own, "--version"):
            return str(own)
    raise SetupError(
        "uv could not be fetched: this Python has neither a working pip nor venv, or no package registry answers "
        "(see above). On Debian and Ubuntu `apt install python3-pip` gives pip; or install uv yourself and have it on "
        "the PATH. Behind a company's mirror, set PIP_INDEX_URL."
    )


def _pip_into(target: Path, *pip: object) -> bool:
    """Let one pip put uv, by its locked hash, into `target`."""
    if not works(*pip, "--version"):
        return False
    shutil.rmtree(target, ignore_errors=True)
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    done = run(*pip, "install", *options, "--target", target, "-r", LOCKS / "uv.txt", quiet=True)
    if done.returncode != 0:
        say((done.stderr or "").strip()[-800:])
    return done.returncode == 0


def _uv_by_pip() -> bool:
    return _pip_into(TOOLS / "uv", sys.executable, "-m", "pip")


def _uv_by_venv() -> bool:
    return works(sys.executable, "-m", "venv", "--clear", TOOLS / "pip") and _pip_into(
        TOOLS / "uv", TOOLS / "pip" / "bin" / "python", "-m", "pip"
    )


def _uv_by_bundled_pip() -> bool:
    """A pip wheel runs as it is; Python's own ensurepip and Debian's python3-pip-whl carry one."""
    places = [Path(os.__file__).parent / "ensurepip" / "_bundled", Path("/usr/share/python-wheels")]
    wheels = [wheel for place in places for wheel in place.glob("pip-*.whl")]
    return any(_pip_into(TOOLS / "uv", sys.executable, f"{wheel}/pip") for wheel in wheels)


def _uv_by_apt_pip() -> bool:
    return apt_install("python3-pip") and _pip_into(TOOLS / "uv", "/usr/bin/python3", "-m", "pip")


def uv_environment() -> dict[str, str]:
    """The environment for uv, with what pip is told about mirrors and certificates, which uv does not read itself."""
    env = dict(os.environ)
    if not sys.stderr.isatty():
        env.setdefault("UV_NO_PROGRESS", "1")
    listed = run(sys.executable, "-m", "pip", "config", "list", quiet=True)
    told: dict[str, str] = {}
    for line in (listed.stdout or "").splitlines():
        name, _, value = line.partition("=")
        with contextlib.suppress(ValueError, SyntaxError):
            told[name.rpartition(".")[2]] = str(ast.literal_eval(value)).strip()
    if "UV_INDEX_URL" not in env and told.get("index-url"):
        env.setdefault("UV_DEFAULT_INDEX", told["index-url"])
    extra = [index for index in told.get("extra-index-url", "").split() if _there(index)]
    links = [place for place in told.get("find-links", "").split() if _there(place)]
    if extra:
        env.setdefault("UV_INDEX", " ".join(extra))
        env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # as pip does; the hashes say what may be installed
    if links:
        env.setdefault("UV_FIND_LINKS", ",".join(links))
    for option, variable in (("cert", "SSL_CERT_FILE"), ("proxy", "ALL_PROXY"), ("trusted-host", "UV_INSECURE_HOST")):
        if told.get(option):
            env.setdefault(variable, " ".join(told[option].split()))
    return env


def _there(place: str) -> bool:
    return ("://" in place and not place.startswith("file://")) or Path(place[7:] if "://" in place else place).exists()


# --- Python and the packages ----------------------------------------------------------------------------------------


def python(tool: str, env: dict[str, str]) -> str:
    """An interpreter of the version in .python-version or newer, found or, failing that, fetched by uv."""
    wanted = (ROOT / ".python-version").read_text().strip()
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    known = list(pyenv.glob(f"versions/{wanted}*/bin/python"))
    for request in (wanted, *known):
        found = run(tool, "python", "find", "--no-project", request, quiet=True, env=env)
        if found.returncode == 0:
            return found.stdout.strip()
    say(f"no Python {wanted} found, asking uv to fetch one")
    fetched = run(tool, "python", "install", wanted, quiet=True, env=env)
    for request in (wanted, f">={wanted}"):
        found = run(tool, "python", "find", "--no-project", request, quiet=True, env=env)
        if found.returncode == 0:
            return found.stdout.strip()
    if apt_install(f"python{wanted}"):
        return f"/usr/bin/python{wanted}"
    raise SetupError(
        f"Seacliff needs Python {wanted} or newer; this machine has none and uv could not fetch one "
        f"({(fetched.stderr or '').strip()[-300:]}). Install python{wanted} by your system's packages or by pyenv, and "
        "run the command again."
    )


def digest(name: str) -> str:
    """What .venv must have been made from: this place, the interpreter's version and the locked packages."""
    parts = [str(ROOT).encode(), Path(__file__).read_bytes(), (ROOT / ".python-version").read_bytes()]
    parts += [(LOCKS / f"{lock}.txt").read_bytes() for lock in SETS[: SETS.index(name) + 1]]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def packages(asked: str) -> None:
    """Bring .venv to the set asked for, or keep the larger one it has already."""
    stamp = VENV / "seacliff-setup"
    had = stamp.read_text().split() if stamp.exists() else ["none", ""]
    intact = works(VENV / "bin" / "python", "-c", "")
    wanted = had[0] if had[0] in SETS and SETS.index(had[0]) > SETS.index(asked) else asked
    if intact and had == [wanted, digest(wanted)]:
        return
    tool, env = uv(), uv_environment()
    if not intact or had[0] == "none":
        interpreter = python(tool, env)
        made = run(tool, "venv", "--quiet", "--clear", "--python", interpreter, VENV, env=env)
        if made.returncode != 0:
            raise SetupError(f"uv could not make the virtual environment {VENV} with {interpreter} (see above).")
    stamp.unlink() if stamp.exists() else None
    lock = LOCKS / f"{wanted}.txt"
    say(f"installing the packages of requirements/{wanted}.txt into .venv")
    synced = run(tool, "pip", "sync", "--quiet", "--require-hashes", "--python", VENV / "bin" / "python", lock, env=env)
    if synced.returncode != 0:
        raise SetupError(
            f"The packages of {lock} could not be installed (see above). Check that a package registry can be reached "
            "(a mirror is set by PIP_INDEX_URL, a company's certificate by PIP_CERT) and that the disk is not full."
        )
    _link_the_project()
    stamp.write_text(f"{wanted} {digest(wanted)}\n")


def lock(options: list[str]) -> None:
    """Resolve pyproject.toml again; why these files and no uv.lock: docs/decisions/001-locks-without-hosts.md."""
    tool, env = uv(), uv_environment()
    for local in ("UV_INDEX", "UV_INDEX_STRATEGY", "UV_FIND_LINKS"):
        env.pop(local, None)  # a machine's own collections hold wheels for that machine: no lock for all comes of them
    groups: list[str] = []
    held: list[str] = []
    for name in SETS:
        groups += [] if name == "run" else ["--group", name]
        command = ["pip", "compile", "pyproject.toml", "--universal", "--generate-hashes", "--no-header", "--quiet"]
        out = ["--output-file", f"requirements/{name}.txt"]
        if run(tool, *command, *groups, *held, *options, *out, env=env).returncode != 0:
            raise SetupError(f"requirements/{name}.txt could not be resolved (see above); it was left as it was.")
        held = ["--constraint", f"requirements/{name}.txt"]


def _link_the_project() -> None:
    """Make src/ importable and the command `seacliff` available, without a build."""
    (site,) = VENV.glob("lib/python3*/site-packages")
    (site / "seacliff.pth").write_text(f"{ROOT / 'src'}\n")
    command = VENV / "bin" / "seacliff"
    # by sh, for a shebang can't hold a long path or a blank
    command.write_text(
        "#!/bin/sh\n"
        f"'''exec' '{VENV / 'bin' / 'python'}' \"$0\" \"$@\"\n"
        "' '''\n"
        "import sys\nfrom seacliff.cli import main\nsys.exit(main())\n"
    )
    command.chmod(0o755)


# --- the browser ----------------------------------------------------------------------------------------------------


def browser() -> None:
    """Find a Chromium for the browser tests, or install one; .tools/chromium is a link to it."""
    link = TOOLS / "chromium"
    if works(link, "--version"):
        return
    found = _browser_here()
    if not found and apt_install("chromium"):
        found = _browser_here()
    if not found:
        say("asking playwright to fetch Chromium")
        run(VENV / "bin" / "python", "-m", "playwright", "install", "chromium", quiet=True)
        found = _browser_here()
    if not found:
        raise SetupError(
            "The browser tests need Chromium, and none is here, nor could one be fetched. Install the package "
            "'chromium' (Debian: apt install chromium), or name a browser by SEACLIFF_CHROMIUM=/path/to/chromium."
        )
    link.unlink() if link.is_symlink() else None
    link.symlink_to(found)


def _browser_here() -> str | None:
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "~/.cache/ms-playwright")).expanduser()
    fetched = cache.glob("chromium-*/chrome-linux*/chrome")
    named = [os.environ.get("SEACLIFF_CHROMIUM"), *map(shutil.which, BROWSERS), *fetched]
    return next((str(path) for path in named if path and works(path, "--version")), None)


def identity_provider() -> None:
    """The program by which the tests' SAML identity provider signs; without it those tests say that they did not run."""
    if not shutil.which("xmlsec1") and not apt_install("xmlsec1"):
        say("xmlsec1 is not here and could not be installed: single sign-on by SAML will not be tested")


def main() -> int:
    asked = sys.argv[1] if len(sys.argv) > 1 else "run"
    if asked not in (*SETS, "lock"):
        say(f"unknown set {asked!r}; there are {', '.join(SETS)}")
        return 2
    try:
        TOOLS.mkdir(exist_ok=True)
        with (TOOLS / "lock").open("w") as turn:
            with contextlib.suppress(ImportError):
                import fcntl

                fcntl.flock(turn, fcntl.LOCK_EX)  # two `make` at once take turns
            if asked == "lock":
                lock(sys.argv[2:])
                return 0
            packages(asked)
            if asked != "run":
                browser()
                identity_provider()
    except SetupError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"{error.strerror}: {error.filename or ROOT}. Free some space or make it writable, then try again.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
