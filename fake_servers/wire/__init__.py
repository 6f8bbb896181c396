"""The wire: one connection, octet by octet, with every event in the log.

How it works, from the top down:

    connection    Wire: what a server calls. Reads, keeps what came, and ends the connection
    writer        Writer: sends in pieces, and holds replies back where a variant joins them
    carrier       Carrier: owns the socket, and the TLS channel once there is one
    tls_channel   TLS between octets and records in memory; it never touches the socket
    drain         asks the kernel whether the client has read everything that was sent
    delivery      the delivery variants: into which pieces a write is cut
    certificates  good and bad certificates, and the server contexts that show them
    errors        why a connection cannot give what was asked of it

Threads. One thread serves a connection, and only that thread uses its Wire. The socket never
blocks. Every wait is a poll on the socket and on the server's wake pipe, bounded by
`timeout_s`; when the server stops, it writes to that pipe and the wait raises Stopped.

Reading. `fill` reads once and appends to `received`; `take`, `read_line` and `read_data` remove
octets from it. Nothing decodes, strips or translates. `read_all` reads what the client has
written so far: the kernel says how many octets the client's socket has sent, and it waits
until they have arrived.

Cuts. A cut is real only if the client has read all of one piece before the next one leaves.
After each piece the wire asks the kernel (sock_diag) whether the client's receive queue is empty,
for 20 ms at most. A piece that leaves without that is marked `undrained` in the log; at the third
one the rest of the write leaves at once, so a client that does not read cannot stop the server.
`dribble` pauses instead of waiting. `coalesced` holds replies back until the server flushes or
reads again, and sends them in one write.

The log. A write is logged before its system call and a read after it, so the order of the log
is the order of cause and effect.

The end. `close` waits until the client has read everything, reads what the client still sends,
and then closes in order; without that the kernel would answer unread octets with RST. `reset`
sends RST after the client has read everything. `half_close` sends FIN and goes on reading. The
end of the client's side is logged once, as EOF (FIN or close_notify) or as RESET, and then raises
EndOfStream. In the log, `by` says whose end it was.

Limits. A line, a message, a TLS handshake and all that a client sends in one case are bounded;
above MOST_WEIGHT (`fake_servers.log`) the connection is reset.
"""
