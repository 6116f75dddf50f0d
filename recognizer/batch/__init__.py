"""Read thousands of pictures into one table, on this machine or on a Dask cluster.

    python -m recognizer batch SOURCE... --out readings.parquet

sources.py lists the files, worker processes read them in chunks (work.py), and their rows are stored in parts
that become one Parquet file (table.py). job.py runs all of it. It needs `pip install scrawl[batch]`.
"""
