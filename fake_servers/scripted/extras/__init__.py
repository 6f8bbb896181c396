"""Commands that a client sends although its trace does not name them.

An RFC lets a client send NOOP, RSET, CAPA and some others where it likes. The scripted server
answers such a command as a correct server would, notes it, and goes on with the timeline.
Nothing is free before the greeting, within AUTH, a message or a chunk, while TLS begins, and
after QUIT; nor is a command that the case is about (`strict:`).

    freedom     one connection: what was said on it, and the answer to a free command
    permission  whether a command is free at this point
    replies     the right reply to it, which never contradicts what the trace says
    shadow      a session of the reactive server that follows the conversation
    reply_end   where a reply ends in what the server sends
    known       what a trace says about its maildrop and capabilities

Only `freedom` changes anything; `permission` and `replies` read the shadow.
"""
