"""The process between the suite and a client, a program of its own.

usage: keeper_process.py FD SUITE [FOLDER]

It starts the client's processes, learns when each ends, and adopts whatever they leave behind
(PR_SET_CHILD_SUBREAPER of Linux), so all its descendants belong to the client. When a program has
ended, nothing that it started lives on. When the suite has ended, nothing at all does; if the suite
was killed, FOLDER is removed. keeper.py is the other side, FD the socket between them, and SUITE
the process id of that side.

A client can kill or stop the process that started it. So there are two: the first one, the guard,
only waits. It continues the second one, the keeper, if that was stopped, and ends what is left if
the keeper was killed.

It imports little and uses marshal, because it must start at once. Without a subreaper, it only
finds the process group of the program.
"""

from __future__ import annotations

import marshal
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from typing import Any

HEAD = struct.Struct("=L")
GRACE_S = 0.1
"""How long processes that a program left behind may take to end by themselves."""
SUITE_S = 2.0
"""How long a dying suite may take to end after its socket has closed."""
SWEEP_S = 5.0
"""How long killed processes may take to disappear."""
MOST_REPORTED = 20
FILE_LIMIT = 1 << 30
"""A client that writes a larger file is ended by SIGXFSZ, so that it cannot fill the disk."""
DEFAULT_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM)
"""Signals that this process or Python ignores but a client must not ignore."""
_CHUNK = 65536
_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> bool:
    """Makes orphans of the client children of this process."""
    if sys.platform != "linux":
        return False
    try:
        import ctypes

        return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):
        return False


def limit_files() -> None:
    """Limits the size of the files that a client writes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if soft == resource.RLIM_INFINITY or soft > FILE_LIMIT:
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, hard))


class KeeperServer:
    """Starts one program at a time.

    leader      process id of the one that runs, or 0
    is_orderly  the suite has said that it is done
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._adopts = become_subreaper()
        self.leader = 0
        self.is_orderly = False

    def serve(self) -> None:
        """Serves the suite until it ends."""
        awake, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        poll.register(awake, select.POLLIN)
        while True:
            for fd, _ in poll.poll():
                if fd == awake:
                    os.read(awake, _CHUNK)
                    self._reap()
                elif not self._obey():
                    return

    def end(self) -> None:
        """Kills what is left."""
        self._kill_all({})

    def _obey(self) -> bool:
        """Serves one request; returns False at the end of the suite."""
        head, descriptors = self._receive_head()
        if len(head) < HEAD.size:
            return False
        body = b""
        while len(body) < HEAD.unpack(head)[0]:
            chunk = self._sock.recv(_CHUNK)
            if not chunk:
                return False
            body += chunk
        request = marshal.loads(body)
        if request["do"] == "spawn":
            self._spawn(request, descriptors)
        elif request["do"] == "leave":
            self.is_orderly = True
        elif self.leader:
            self._end_leader()
        return True

    def _receive_head(self) -> tuple[bytes, list[int]]:
        space = socket.CMSG_SPACE(3 * struct.calcsize("i"))
        flags = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
        head, messages, _, _ = self._sock.recvmsg(HEAD.size, space, flags)
        descriptors: list[int] = []
        for level, kind, octets in messages:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                count = len(octets) // struct.calcsize("i")
                descriptors += struct.unpack(f"{count}i", octets[: count * struct.calcsize("i")])
        while 0 < len(head) < HEAD.size:
            more = self._sock.recv(HEAD.size - len(head))
            if not more:
                return b"", descriptors
            head += more
        return head, descriptors

    def _tell(self, row: dict[str, Any]) -> None:
        octets = marshal.dumps(row)
        self._sock.sendall(HEAD.pack(len(octets)) + octets)

    # -- a program ----------------------------------------------------------------

    def _spawn(self, request: dict[str, Any], descriptors: list[int]) -> None:
        try:
            os.chdir(request["cwd"])
            self.leader = self._start(request["argv"], request["env"], descriptors)
        except (OSError, ValueError) as error:
            number = error.errno if isinstance(error, OSError) else None
            self._tell({"refused": str(error), "errno": number})
        else:
            self._tell({"pid": self.leader})
        finally:
            os.chdir("/")
            for fd in descriptors:
                os.close(fd)

    @staticmethod
    def _start(argv: list[str], env: dict[str, str], descriptors: list[int]) -> int:
        """Starts it in a session of its own; looks for the program on the PATH of `env`."""
        actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(descriptors)]
        name = argv[0]
        folders = [""] if os.path.dirname(name) else os.get_exec_path(env)
        failure: OSError = FileNotFoundError(2, os.strerror(2), name)
        for folder in folders:
            try:
                return os.posix_spawn(
                    os.path.join(folder, name),
                    argv,
                    env,
                    file_actions=actions,
                    setsid=True,
                    setsigmask=(),
                    setsigdef=DEFAULT_SIGNALS,
                )
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                failure = error
        raise failure

    def _reap(self) -> None:
        """Reaps the children that have ended; when the leader ends, ends everything that it
        started.
        """
        while (found := _next_dead()) is not None:
            pid, status = found
            if pid == self.leader:
                self._conclude(status)

    def _conclude(self, status: int) -> None:
        """The leader has ended."""
        left: dict[int, str] = {}
        deadline = time.monotonic() + GRACE_S
        while self._has_more() and time.monotonic() < deadline:
            time.sleep(0.002)
        self._kill_all(left)
        self.leader = 0
        names = [f"{name} (process {pid})" for pid, name in left.items()]
        self._tell({"status": os.waitstatus_to_exitcode(status), "left": names[:MOST_REPORTED]})

    def _end_leader(self) -> None:
        """Kills the program and everything that it started; reports its end like any other."""
        status = self._kill_all({})
        leader, self.leader = self.leader, 0
        code = os.waitstatus_to_exitcode(status) if status is not None else -signal.SIGKILL
        self._tell({"status": code, "left": [], "pid": leader})

    # -- all of them --------------------------------------------------------------

    def _has_more(self) -> bool:
        """Whether any child lives; reaps children other than the leader on the way."""
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return False
        return True

    def _kill_all(self, names: dict[int, str]) -> int | None:
        """Kills descendants until none is left; returns the status of the leader if it was
        among them.

        names  gets the command line of each by its process id
        """
        status: int | None = None
        deadline = time.monotonic() + SWEEP_S
        if not self._adopts and self.leader:
            _send(-self.leader, signal.SIGKILL)
        while time.monotonic() < deadline:
            try:
                while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                    status = ended[1] if ended[0] == self.leader else status
            except ChildProcessError:
                break
            living = _descendants() if self._adopts else [self.leader]
            for pid in living:
                if pid not in names and len(names) < MOST_REPORTED and (name := _command_line(pid)):
                    names[pid] = name
            for number in (signal.SIGSTOP, signal.SIGKILL):  # stopped, they start no others
                for pid in living:
                    _send(pid, number)
            time.sleep(0.001)
        return status


def _next_dead() -> tuple[int, int] | None:
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, status) if pid else None


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def _descendants() -> list[int]:
    """Every descendant of this process, as /proc lists them now."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(int(name))
    found: list[int] = []
    todo = [os.getpid()]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def _command_line(pid: int) -> str:
    """The command line of a process, shortened and printable; empty for one that has ended."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read(200).split(b"\0")
    except OSError:
        return ""
    text = b" ".join(words).decode("utf-8", "backslashreplace").strip()
    return "".join(c if c.isprintable() else "?" for c in text)


class Guard:
    """Outlives the keeper, whose parent it is.

    suite   process id of the suite
    folder  removed if the suite was killed
    """

    def __init__(self, suite: int, folder: str) -> None:
        self._suite = suite
        self._folder = folder
        self._keeper = 0
        self._is_reported = False

    def watch(self, keeper: int) -> None:
        """Waits for its end, and then ends everything that the client started."""
        self._keeper = keeper
        signal.signal(signal.SIGTERM, self._end_keeper)
        status = 0
        while os.WIFSTOPPED(status := os.waitpid(keeper, os.WUNTRACED)[1]):
            _send(keeper, signal.SIGCONT)
        if status == 0:
            return
        kill_orphans()
        if self._folder and self._is_orphan():
            import shutil  # as seldom needed as it takes long

            shutil.rmtree(self._folder, ignore_errors=True)

    def _end_keeper(self, *_: object) -> None:
        """The suite lives but does not need its keeper any more."""
        self._is_reported = True
        _send(self._keeper, signal.SIGKILL)

    def _is_orphan(self) -> bool:
        """Whether the suite has died.

        Its socket closes a moment before it is gone. A suite that only closed the socket lives on,
        and keeps its folder.
        """
        deadline = time.monotonic() + SUITE_S
        while os.getppid() == self._suite:
            if self._is_reported or time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True


def kill_orphans() -> None:
    """Kills what a killed keeper has left to this process."""
    deadline = time.monotonic() + SWEEP_S
    while time.monotonic() < deadline:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in _descendants():
                _send(pid, number)
        time.sleep(0.001)


def keep(sock: socket.socket) -> int:
    """The keeper itself; its exit status tells the guard whether it was ended in order."""
    limit_files()
    keeper = KeeperServer(sock)
    try:
        keeper.serve()
    except ConnectionError:
        pass  # the suite has gone
    finally:
        keeper.end()
    return 0 if keeper.is_orderly else 1


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sock = socket.socket(fileno=int(sys.argv[1]))
    sock.set_inheritable(False)
    become_subreaper()
    keeper = os.fork()
    if keeper == 0:
        status = 1
        try:
            status = keep(sock)
        finally:
            os._exit(status)
    sock.close()
    Guard(int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "").watch(keeper)


if __name__ == "__main__":
    main()
