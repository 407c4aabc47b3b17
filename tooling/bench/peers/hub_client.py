"""The Python client of the hub, as `npm run bench` measures it.

    hub_client.py about
    hub_client.py download --model ID --file NAME --cache DIR

`download` stays: it writes a line {"ready": true} and then, for each line on stdin, downloads the file once and writes
{"milliseconds": ...}. The hub is that of HF_ENDPOINT.
"""
import argparse
import json
import sys
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["about", "download"])
    for name in ("--model", "--file", "--cache"):
        parser.add_argument(name)
    options = parser.parse_args()
    {"about": about, "download": download}[options.task](options)


def about(_):
    import huggingface_hub

    print(json.dumps({"huggingface_hub": huggingface_hub.__version__}))


def download(options):
    from huggingface_hub import hf_hub_download

    answer({"ready": True})
    for _ in sys.stdin:
        started = time.perf_counter()
        hf_hub_download(options.model, options.file, cache_dir=options.cache, token=False)
        answer({"milliseconds": (time.perf_counter() - started) * 1000})


def answer(message):
    print(json.dumps(message), flush=True)


main()
