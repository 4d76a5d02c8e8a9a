"""The message log between listeners and writers, for more than one machine: NATS JetStream."""
