"""A program that trains on what a lease has: Spark's client, and an engine that speaks its protocol.

Started by a test as a process of its own. Argument: where the files are. Prints the records of each person as JSON.
"""

from __future__ import annotations

import json
import sys

from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession


def main(location: str) -> None:
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    spark = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
    try:
        counted = spark.read.parquet(location).groupBy("person").count().collect()
        print(json.dumps({row["person"]: row["count"] for row in counted}))
    finally:
        spark.stop()
        server.stop()


if __name__ == "__main__":
    main(sys.argv[1])
