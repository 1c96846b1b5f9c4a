"""The server: one sub-package for each dialect that programs speak, all in front of the same desk."""
