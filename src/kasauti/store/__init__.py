"""Where an account's log is kept, and what is derived from it on disk: snapshots and readable files."""
