"""The reference: Web-SSL features in Python with PyTorch and transformers, as `npm run bench` measures them.

    reference.py about
    reference.py first         --model DIR --threads N --image FILE --features FILE
    reference.py steady        --model DIR --threads N --pixels FILE --height H --width W --features FILE
    reference.py preprocessing --model DIR --image FILE

`first` takes one photograph from start to end. The other two stay: they write a line {"ready": true} and then, for
each line on stdin, do their task once and write {"milliseconds": ...}. FILEs of numbers are little-endian float32.
"""
import argparse
import json
import sys
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["about", "first", "steady", "preprocessing"])
    for name in ("--model", "--image", "--pixels", "--features"):
        parser.add_argument(name)
    for name in ("--threads", "--height", "--width"):
        parser.add_argument(name, type=int)
    options = parser.parse_args()
    {"about": about, "first": first, "steady": steady, "preprocessing": preprocessing}[options.task](options)


def about(_):
    import platform

    import torch
    import transformers

    print(json.dumps({"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__}))


def first(options):
    import torch
    from PIL import Image

    processor = load_processor(options.model)
    model = load_model(options)
    with torch.inference_mode():
        pixels = processor(images=Image.open(options.image), return_tensors="pt").pixel_values
        features = model(pixel_values=pixels).last_hidden_state[:, 0]
    features.numpy().tofile(options.features)


def steady(options):
    import numpy
    import torch

    model = load_model(options)
    values = numpy.fromfile(options.pixels, dtype="<f4").reshape(1, 3, options.height, options.width)
    pixels = torch.from_numpy(values)

    def encode():
        with torch.inference_mode():
            return model(pixel_values=pixels).last_hidden_state

    encode().numpy().tofile(options.features)
    serve(encode)


def preprocessing(options):
    from PIL import Image

    processor = load_processor(options.model)

    def prepare():
        return processor(images=Image.open(options.image), return_tensors="np").pixel_values

    prepare()
    serve(prepare)


def load_model(options):
    import torch
    from transformers import AutoModel

    torch.set_num_threads(options.threads)
    return AutoModel.from_pretrained(options.model).eval()


def load_processor(folder):
    """BitImageProcessor on Pillow: transformers 5 has another one of that name, on torchvision, which gives other pixels."""
    try:
        from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil as BitImageProcessor
    except ImportError:
        from transformers import BitImageProcessor
    return BitImageProcessor.from_pretrained(folder)


def serve(task):
    write({"ready": True})
    for _ in sys.stdin:
        started = time.perf_counter()
        task()
        write({"milliseconds": (time.perf_counter() - started) * 1000})


def write(message):
    print(json.dumps(message), flush=True)


main()
