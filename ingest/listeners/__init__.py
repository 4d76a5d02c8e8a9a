"""Listens on sockets: HTTP, TCP, UDP, MQTT and TLS, each as thin as it can be."""
