"""A pilot's load on one `flaade serve` while everything around it is struck.

`senders` are trackers of four protocols that remember what was acknowledged, `blows` are what is
done to the service, `run` puts both together and counts. The servers, and the processes that are
killed, are children of the run; all traffic stays on loopback.
"""
