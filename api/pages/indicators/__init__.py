"""Pages of the indicators by which plans are measured."""
