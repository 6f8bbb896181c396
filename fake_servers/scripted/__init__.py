"""The scripted server: plays the timeline of a trace, and reports where the client departs from it.

How it works, from the top down:

    server        ScriptedServer: what the caller of the client uses, and the server's thread
    player        walks down the timeline, in step with the caller
    actions       plays one item: a `C:` line, `S:` lines, a group, a `=` directive
    connections   the connections of a case, one after the other
    handshake     TLS handshakes, good ones and those that the trace makes fail
    conversation  one connection: takes the client's lines, sends replies, answers free commands
    matching      compares octets with a `C:` line
    reader        reads while the client may still send something
    departure     what is reported when the conversation departs from the trace
    extras/       commands that the client sends although the trace does not name them
    steps         a timeline as steps: what each waits for, what leaves in one write
    barrier       the one point at which the two threads meet

Two threads. One calls the client and goes down the `A:` and `R:` lines; the other is the server
and goes down the `C:`, `S:` and `=` lines. They meet at the barrier; otherwise they share only the
log and the findings. The barrier knows how far each of them is. A line of the wire is not played
before the caller has passed the `A:` or `R:` above it, and an `A:` is not called before the server
has played all lines above it. So a reply below an `R:` cannot leave early, and a client that is
called late cannot miss one. Without a caller (`serve`, the fixtures) the wire sets the pace.

Who reads when. Only the server's thread reads the wire. At a `C:` line it reads until the
octets are the line, or cannot become it any more, or the client has returned from its call, has
closed, or has been silent for `timeout_s`. At an `R:` line and after the last line it reads to
see that nothing is left: octets that no line takes are a finding.

Groups. `alt`, `opt` and `any` compare what came with the first line of each branch, and play
the branch that fits. Nothing is taken from the wire before the choice is made.

Free commands. Before octets become a finding they are compared with the commands that the RFCs
leave to the client. Such a command is answered, noted as INFO, and passed over (`extras/`).

Deviations. Octets that are not the line and can only mean it (a blank too many, another parameter)
are taken for it: the deviation is a finding, and the rest of the timeline is played.

How it ends. The first departure ends the case: it raises ScriptDeparture, becomes a finding, and
the connection is closed. Otherwise the server plays all lines, reports that to the barrier, and
listens until the client closes or the caller stops it (Stopped). A close by the trace (`= close`)
is the server's own end; octets that cross it are not held against the client.
"""
