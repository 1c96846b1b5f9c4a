"""Market data from Parquet and CSV files: read, checked, merged in time order, and written."""
