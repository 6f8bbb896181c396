"""Servers that run until they are stopped, for clients that somebody starts by hand.

How they work, from the top down:

    bench       Bench: listens, gives each connection a session, ends all of them
    play        one session: the test server of its turn, its verdict, its end
    services    the well-behaved servers: what each offers, and the mail that they share
    cases       the cases of the suite, by turns
    mailbox     a mailbox of the user's own, as a maildrop
    keep        where received mail goes: memory, a folder, a Maildir
    sessions    Sessions: what is happening and what happened, in bounded memory, for listeners
    judge       the verdict of a session, by the monitors and by what the wire shows
    text        sessions on a terminal and in files

Threads. The main thread accepts connections. Each session has a thread of its own, which serves the
connection, judges the log and tells the listeners. Nothing else is shared but the mail.
"""
