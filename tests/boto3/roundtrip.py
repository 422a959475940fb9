"""Uploads files with boto3 to `longshore dev` and reads their rows back with boto3.

The Rust tests speak to the embedded AWS with the same SDK that the worker uses. This journey shows
that another SDK, by other people, finds the same AWS there.

    python tests/boto3/roundtrip.py PATH_OF_THE_LONGSHORE_BINARY
"""

import contextlib
import csv
import gzip
import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from decimal import Decimal

import boto3
from botocore.config import Config

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ENDPOINT = "AWS_ENDPOINT_URL="
READY_SECS_MAX = 60  # a debug build on a busy machine; a release build needs a fifth of a second
ROWS_SECS_MAX = 120  # a function, a task and forty batches, also on a busy machine
STOP_SECS_MAX = 30
POLL_SECS = 0.2
ODD_KEY = 'a b+c %41 ż"é.ndjson.gz'


class Dev:
    """A running `longshore dev`, with the clients and names that its user would use."""

    def __init__(self, endpoint):
        session = boto3.Session("test", "test", region_name="us-east-1")
        config = Config(s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=30)
        self.s3 = session.client("s3", endpoint_url=endpoint, config=config)
        dynamodb = session.resource("dynamodb", endpoint_url=endpoint, config=config)
        (self.bucket,) = [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]]
        # The records' table has one key attribute, the ledger has two.
        (self.records,) = [table for table in dynamodb.tables.all() if len(table.key_schema) == 1]
        self.key_field = self.records.key_schema[0]["AttributeName"]

    def wait_for(self, expected):
        """Reads the table until it holds exactly these rows among those with their key prefix."""
        wanted = {row[self.key_field]: row for row in expected}
        prefix = os.path.commonprefix(list(wanted))
        deadline = time.monotonic() + ROWS_SECS_MAX
        while (found := self.rows(prefix)) != wanted:
            if time.monotonic() > deadline:
                raise AssertionError(difference(found, wanted))
            time.sleep(POLL_SECS)

    def rows(self, prefix):
        items, page = [], self.records.scan(ConsistentRead=True)
        while True:
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            page = self.records.scan(
                ConsistentRead=True, ExclusiveStartKey=page["LastEvaluatedKey"]
            )
        keyed = {item[self.key_field]: item for item in items}
        return {key: item for key, item in keyed.items() if key.startswith(prefix)}


def difference(found, wanted):
    missing = sorted(wanted.keys() - found.keys())
    other = [key for key in wanted.keys() & found.keys() if found[key] != wanted[key]]
    text = f"{len(found)} of {len(wanted)} rows; missing {len(missing)}: {missing[:3]}"
    return text + "".join(f"\n  {found[key]} instead of {wanted[key]}" for key in other[:3])


def a_csv_becomes_rows(dev):
    """Every cell arrives as the string it was; an empty cell is no attribute."""
    rows = [
        {
            dev.key_field: f"csv-{number:04}",
            "city": "Łódź",
            "note": 'with, comma, "quote" and\nnew line' if number % 7 == 0 else f"row {number}",
            "amount": f"00{number}.50",
            "empty": "",
        }
        for number in range(1000)
    ]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    dev.s3.put_object(Bucket=dev.bucket, Key="boto3/people.csv", Body=text.getvalue().encode())
    dev.wait_for([{name: cell for name, cell in row.items() if cell} for row in rows])


def ndjson_under_an_odd_key_becomes_rows(dev):
    """Types and all 38 digits survive, under a key that a careless decoder would change."""
    lines = [
        json.dumps({dev.key_field: f"ndjson-{number}", "n": number, "tags": ["a", "ü"]})
        for number in range(50)
    ]
    lines.append(
        f'{{"{dev.key_field}": "ndjson-deep", "exact": 12345678901234567890.123456789012345678,'
        ' "nested": {"yes": true, "none": null, "text": "\\u00e9\\n"}}'
    )
    body = gzip.compress("\n".join(lines).encode())
    dev.s3.put_object(Bucket=dev.bucket, Key=ODD_KEY, Body=body)
    dev.wait_for([json.loads(line, parse_int=Decimal, parse_float=Decimal) for line in lines])


@contextlib.contextmanager
def longshore_dev(binary):
    """Starts `longshore dev` on a free port, gives its endpoint, and ends it."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [binary, "dev", "--port", "0"],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield endpoint_of(process)
        except BaseException:
            log.seek(0)
            print("".join(log.readlines()[-40:]), file=sys.stderr)
            raise
        finally:
            stop(process)


def endpoint_of(process):
    """Waits for the line with the endpoint, and reads on, so that the pipe never fills."""
    found, endpoint = threading.Event(), []

    def read():
        for line in process.stdout:
            if line.startswith(ENDPOINT):
                endpoint.append(line.removeprefix(ENDPOINT).strip())
                found.set()
        found.set()

    threading.Thread(target=read, daemon=True).start()
    if not found.wait(READY_SECS_MAX) or not endpoint:
        raise RuntimeError(f"no line {ENDPOINT}… (exit status {process.poll()})")
    return endpoint[0]


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise RuntimeError(f"longshore dev still ran {STOP_SECS_MAX} s after SIGTERM") from None


def main(binary):
    os.environ["NO_PROXY"] = "127.0.0.1"
    failed = 0
    journeys = [a_csv_becomes_rows, ndjson_under_an_odd_key_becomes_rows]
    with longshore_dev(binary) as endpoint:
        dev = Dev(endpoint)
        for journey in journeys:
            started = time.monotonic()
            try:
                journey(dev)
                print(f"ok      {journey.__name__} ({time.monotonic() - started:.1f} s)")
            except Exception:
                failed += 1
                print(f"FAILED  {journey.__name__}")
                traceback.print_exc()
        print(f"{len(journeys) - failed} passed, {failed} failed", flush=True)
        if failed:
            sys.exit(1)  # inside, so that the log of `longshore dev` is shown


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
