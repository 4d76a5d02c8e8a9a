"""The log between listeners and writers, when one machine is not enough: NATS JetStream."""
