"""Thousands of pictures into one table, on this machine or on a Dask cluster.

    python -m recognizer batch SOURCE... --out readings.parquet

Files are listed (sources.py), read in chunks by worker processes (work.py), and gathered in parts that become
one Parquet file (table.py); job.py strings these together. Needs the packages of `pip install scrawl[batch]`.
"""
