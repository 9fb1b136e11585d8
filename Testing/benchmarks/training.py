"""Training iterations at paper size against the plain sequence of passes: `run.py bench training`.

The plain sequence follows the paper's text pass by pass: two discriminator updates that each translate
again, then two generator updates that each encode again, with instance norm and scale as separate steps, and
with gradients of the discriminator's weights that are computed and discarded. Ours is `cxradain.training`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from cxradain.models import tasks
from cxradain.models.card import PRESETS, ModelConfig
from cxradain.models.devices import keep_memory
from cxradain.models.model import AdaINModel, new_discriminator
from cxradain.models.tasks import Domain
from cxradain.networks.blocks import AdaINBlock
from cxradain.training import losses
from cxradain.training.checkpoint import seeded
from cxradain.training.objectives import StyleSource
from cxradain.training.options import PAPER, Stage, TrainOptions, UpdateOrder
from cxradain.training.updates import Updates
from lightning_fabric import Fabric
from torch import Tensor
from torch.optim import Adam

sys.path.insert(0, str(Path(__file__).parent))
from _plain import plain_passes

Batch = dict[str, Tensor]


def make_batch(size: int, device: torch.device) -> Batch:
    """One image per kind of batch, with smooth random content."""
    random = seeded(7)

    def image() -> Tensor:
        coarse = torch.rand(1, 1, size // 16, size // 16, generator=random)
        return (F.interpolate(coarse, size=(size, size), mode="bicubic") * 2 - 1).clamp(-1, 1).to(device)

    labels = (image()[:, 0] > 0).long()
    return {
        "labelled": image(),
        "labels": labels,
        "source": image(),
        "source_labels": torch.full_like(labels, -1),
        "source_domain": torch.tensor([Domain.ABNORMAL], device=device),
        "reference": image(),
        "reference_domain": torch.tensor([Domain.NORMAL], device=device),
        "other_reference": image(),
        "unlabelled": image(),
        "unlabelled_strong": image(),
        "unlabelled_domain": torch.tensor([Domain.ABNORMAL], device=device),
    }


class PlainSequence:
    """The iterations of method.md's table, each pass on its own.

    Each returns the sums of its losses; for adaptation by network and by style source.
    """

    def __init__(self, model: AdaINModel, discriminator: torch.nn.Module, options: TrainOptions = PAPER):
        self.model, self.discriminator, self.options = model, discriminator, options

        def adam(module: torch.nn.Module, rate: float) -> Adam:
            parameters = [p for p in module.parameters() if p.requires_grad]
            return Adam(parameters, lr=rate, betas=(0.0, 0.99), weight_decay=options.weight_decay)

        self.generator_step = adam(model.generator, options.learning_rate)
        self.style_step = adam(model.style_encoder, options.learning_rate)
        self.code_step = adam(model.code_generator, options.code_learning_rate)
        self.adversary_step = adam(discriminator, options.learning_rate)

    def _code(
        self, batch: Batch, random: torch.Generator, source: StyleSource, reference: str = "reference"
    ) -> Tensor:
        domain = batch["reference_domain"]
        if source == "reference":
            return self.model.style_encoder(batch[reference], domain)
        latent = torch.randn(len(domain), self.model.config.latent_size, generator=random).to(domain.device)
        return self.model.code_generator(latent, domain)

    def _descend(self, loss: Tensor, *optimizers: Adam) -> None:
        for module in (self.model, self.discriminator):
            module.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()

    def adaptation(self, batch: Batch) -> dict[str, Tensor]:
        """The discriminator's updates, latent- and reference-guided, then the generator's."""
        o, model = self.options, self.model
        source, real, domain = batch["source"], batch["reference"], batch["reference_domain"]
        terms = {}
        for style_source in STYLE_SOURCES:
            random = seeded(*STEP)  # again for each update: ours draws its latents once
            with torch.no_grad():
                fake = tasks.adapt(model.generator, source, self._code(batch, random, style_source))
            shown = real.detach().requires_grad_()
            logit = self.discriminator(shown, domain)
            loss = losses.adversarial_loss(logit, True) + o.r1_weight * losses.r1_penalty(logit, shown)
            loss = loss + losses.adversarial_loss(self.discriminator(fake, domain), False)
            self._descend(loss, self.adversary_step)
            terms[f"discriminator by {style_source}"] = loss.detach()
        for style_source in STYLE_SOURCES:
            random = seeded(*STEP)
            code = self._code(batch, random, style_source)
            fake = tasks.adapt(model.generator, source, code)
            loss = losses.adversarial_loss(self.discriminator(fake, domain), True)
            loss = loss + o.style_weight * losses.style_loss(code, model.style_encoder(fake, domain))
            with torch.no_grad():
                other_code = self._code(batch, random, style_source, "other_reference")
                other = tasks.adapt(model.generator, source, other_code)
            loss = loss - o.diversity_weight * losses.diversity_loss(fake, other)
            back = tasks.adapt(model.generator, fake, model.style_encoder(source, batch["source_domain"]))
            loss = loss + o.cycle_weight * losses.cycle_loss(source, back)
            steps = [self.generator_step]
            if style_source == "latent":
                steps += [self.style_step, self.code_step]
            self._descend(loss, *steps)
            terms[f"generator by {style_source}"] = loss.detach()
        return terms

    def segmentation(self, batch: Batch) -> dict[str, Tensor]:
        """Two updates, because the reference makes two per step."""
        weights = torch.tensor([0.7, 1.0, 1.0], device=batch["labels"].device)
        for _ in range(2):
            logits = tasks.segment(self.model.generator, batch["labelled"])
            loss = self.options.segmentation_weight * losses.segmentation_loss(
                logits, batch["labels"], weights, False
            )
            self._descend(loss, self.generator_step)
        return {"segmentation": loss.detach()}

    def distillation(self, batch: Batch) -> dict[str, Tensor]:
        """Two teacher passes and one student update."""
        with torch.no_grad():
            target = self.model.segment(batch["unlabelled"], "teacher")
        student = self.model.segment(batch["unlabelled_strong"], "student")
        loss = self.options.inter_weight * losses.distillation_loss(student, target, True)
        self._descend(loss, self.generator_step, self.code_step)
        return {"inter": loss.detach()}


def ours(
    model: AdaINModel,
    discriminator: torch.nn.Module,
    order: UpdateOrder,
    precision: str,
    device: str,
    options: TrainOptions = PAPER,
) -> Updates:
    """The project's updates, with the paper's options."""
    fabric = Fabric(accelerator=device, devices=1, precision=precision)
    return Updates(replace(options, update_order=order), model, discriminator, fabric)


def differences(
    plain: dict[str, float], terms: dict[str, float], order: UpdateOrder
) -> dict[str, tuple[float, float]]:
    """By loss: the plain sequence's, and ours less it, of one step from the same weights and latents.

    Of adaptation the sums are compared: in sequence those of its last updates, by reference, else the means
    of the two style sources.
    """
    if "generator by latent" not in plain:
        return {name: (value, terms[name] - value) for name, value in plain.items()}
    adversary = sum(terms[name] for name in DISCRIMINATOR_TERMS)
    compared = {}
    for name, sum_of_ours in (("discriminator", adversary), ("generator", sum(terms.values()) - adversary)):
        sources = STYLE_SOURCES[1:] if order == "sequence" else STYLE_SOURCES
        by = [plain[f"{name} by {source}"] for source in sources]
        compared[name] = (sum(by) / len(by), sum_of_ours - sum(by) / len(by))
    return compared


STEP = (PAPER.seed, 0, 0, 0)  # seed, stage, step, process: the seed of our latents
STYLE_SOURCES: tuple[StyleSource, ...] = ("latent", "reference")
DISCRIMINATOR_TERMS = ("real", "fake", "r1")
STILL = replace(PAPER, learning_rate=0.0, code_learning_rate=0.0, self_code_learning_rate=0.0)
KINDS = {
    "adaptation": ("source", "reference", "other_reference"),
    "segmentation": ("labelled", "labels"),
    "distillation": ("unlabelled",),
}


def timed(run: Callable[[], dict], repeats: int, device: torch.device) -> float:
    """Median seconds of a call, after one warm-up call."""
    run()
    seconds = []
    for _ in range(repeats):
        if device.type == "cuda":
            torch.cuda.synchronize()
        started = time.perf_counter()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)[len(seconds) // 2]


def compile_blocks(model: AdaINModel, backend: str) -> None:
    """Compile the generator's blocks in place; all that a second derivative goes through is left as it is."""
    for block in model.generator.modules():
        if isinstance(block, AdaINBlock):
            block.compile(backend=backend)


def measure(
    kind: str,
    config: ModelConfig,
    precisions: list[str],
    order: UpdateOrder,
    repeats: int,
    device: str,
    backend: str = "",
) -> list[dict[str, Any]]:
    """Print seconds of the plain sequence and of ours, their ratio, and how far the losses differ; returns
    the kind, order, precision, seconds and ratio of each.

    Losses are of a step that learns nothing: updates before a compared one, which the two do in another
    order, would else have changed the weights. backend: that torch compiles ours with, too; "": not.
    """
    where = torch.device(device)
    torch.manual_seed(0)
    model = AdaINModel(config).to(where).train()
    discriminator = new_discriminator(model.config).to(where)
    batch = make_batch(model.config.canvas, where)
    part = {k: v for k, v in batch.items() if k.startswith(KINDS[kind])}
    stage = Stage(kind, 1, adaptation=int(kind == "adaptation"), unlabelled=int(kind == "distillation"))

    plain = PlainSequence(deepcopy(model), deepcopy(discriminator))
    with plain_passes():
        base = timed(partial(getattr(plain, kind), part), repeats, where)
        del plain
        still = PlainSequence(deepcopy(model), deepcopy(discriminator), STILL)
        losses_plain = floats(getattr(still, kind)(part))
        del still
    updates_in_plain = 2 if kind == "segmentation" else 1
    print(f"{kind}: plain {base:.3f} s", flush=True)
    rows = [{"kind": kind, "order": "plain", "precision": "32-true", "seconds": base, "ratio": 1.0}]
    for precision, compiled in [(p, c) for p in precisions for c in (False, True)[: 2 if backend else 1]]:
        updates = ours(deepcopy(model), deepcopy(discriminator), order, precision, device)
        if compiled:
            compile_blocks(updates.model, backend)

        def run(updates: Updates = updates) -> dict:
            for _ in range(updates_in_plain):
                terms = updates.step(dict(part), stage, 0, 0)
            return terms

        seconds = timed(run, repeats, where)
        name = f"{precision}, compiled" if compiled else precision
        print(f"  ours, {order}, {name}: {seconds:.3f} s, {base / seconds:.2f} times as fast", flush=True)
        rows.append(
            {"kind": kind, "order": order, "precision": name, "seconds": seconds, "ratio": base / seconds}
        )
        if compiled:
            continue
        learns_nothing = ours(deepcopy(model), deepcopy(discriminator), order, precision, device, STILL)
        terms = differences(losses_plain, learns_nothing.step(dict(part), stage, 0, 0), order)
        shown = (f"{name} {value:.5f} ({far:+.5f})" for name, (value, far) in terms.items())
        print(f"    losses of the plain sequence, and ours less them: {', '.join(shown)}", flush=True)
    return rows


def floats(terms: dict[str, Tensor]) -> dict[str, float]:
    """Losses as numbers."""
    return {name: float(value) for name, value in terms.items()}


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=PRESETS, default="paper")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument(
        "--ways", choices=("sequence", "together"), nargs="+", default=["sequence", "together"]
    )
    parser.add_argument("--precision", nargs="+", default=["32-true", "bf16-mixed"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu"
    )
    asked = parser.parse_args()
    keep_memory()
    threads = torch.get_num_threads()
    print(f"{asked.size} size, batch 1, {asked.device}, {threads} threads, torch {torch.__version__}")
    for kind in asked.kinds:
        for order in asked.ways if kind == "adaptation" else asked.ways[:1]:
            measure(kind, PRESETS[asked.size], asked.precision, order, asked.repeats, asked.device)


if __name__ == "__main__":
    main()
