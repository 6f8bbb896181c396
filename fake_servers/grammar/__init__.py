"""What the RFCs say about a client's octets: addresses, commands, dot stuffing."""
