"""The targets: one file each, whose `TARGET` is found by the file's name."""
