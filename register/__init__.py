"""The register: vehicles, zones, devices and their keys, private time, closing days and rulings."""
