"""Sessions of real clients with real servers, as traces that play again.

relay      stands between client and server, ends TLS on both sides, and keeps what they sent
recording  what they sent, cut into commands, replies and messages
exchange   each command with what belongs to it
login      the formulas that stand in the trace where a login shows a secret
pop3, smtp the calls of a client that lead to the exchanges
trace      the text of the trace
"""
