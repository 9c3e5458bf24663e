# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""From a folder of videos to a PoseCap set: skeletons with captions, as Parquet, ready for training and for the Hub.

    python examples/build_posecap.py --input videos --output my-posecap --licence CC-BY-4.0 --captions captions.csv

With captions by a model, two worker processes, and each clip's video in the shards:

    python examples/build_posecap.py --input videos --output my-posecap --licence CC-BY-4.0 \
        --captioner HuggingFaceTB/SmolVLM2-500M-Video-Instruct --num-workers 2 --video-bytes

On a Ray cluster, with eight GPUs: ... --engine ray --ray-address auto --num-workers 8 --num-gpus 1
Stopped or killed, it goes on where it was with the same command. Then: examples/pretrain.py --dataset my-posecap
"""

import logging

from tmor_hf.arguments import argument_parser
from tmor_hf.data.posecap.build import BuildArguments, build_posecap


def main(argv=None):
    parser = argument_parser(
        __doc__.split("\n\n")[0], usage="%(prog)s --input PATH --output DIR --licence TERMS [options]"
    )
    BuildArguments.add_to(parser)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    report = build_posecap(BuildArguments.from_namespace(parser.parse_args(argv)))
    print(report)


if __name__ == "__main__":  # worker processes import this file again
    main()
