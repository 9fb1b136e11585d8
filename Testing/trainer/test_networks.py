"""The networks as the paper describes them, and saved models."""

import copy
import json

import pytest
import torch
from cxradain.models import tasks
from cxradain.models.card import PRESETS, ModelConfig, ModelError
from cxradain.models.model import (
    AdaINModel,
    at_canvas,
    load_model,
    new_discriminator,
    parameter_count,
    save_model,
)
from cxradain.models.tasks import Domain
from cxradain.networks.adain import AdaIN
from cxradain.networks.blocks import conv_resized
from cxradain.networks.generator import Generator, start_student_from_direct

TINY = ModelConfig(canvas=64, width=4, max_width=16, style_width=4, style_max_width=8, code_hidden=8)


@pytest.fixture
def model() -> AdaINModel:
    torch.manual_seed(0)
    model = AdaINModel(TINY).eval()
    # Freshly made code layers hardly depend on the code; these do.
    for module in model.generator.modules():
        if isinstance(module, AdaIN):
            torch.nn.init.normal_(module.code_to_affine.weight, std=0.5)
    return model


@pytest.fixture
def image() -> torch.Tensor:
    return torch.randn(2, 1, 64, 64, generator=torch.Generator().manual_seed(1))


def standardized(x: torch.Tensor) -> torch.Tensor:
    """Instance norm by its formula, in double precision."""
    x = x.double()
    mean, variance = x.mean((2, 3), keepdim=True), x.var((2, 3), keepdim=True, unbiased=False)
    return (x - mean) / (variance + 1e-5).sqrt()


class TestAdaIN:
    x = torch.randn(3, 5, 8, 7) * 4 + 2

    def test_without_a_code_it_is_instance_norm(self):
        layer = AdaIN(5, code_size=4)
        torch.testing.assert_close(layer(self.x).double(), standardized(self.x), atol=1e-5, rtol=1e-5)

    def test_scale_one_and_shift_zero_is_instance_norm(self):
        layer = AdaIN(5, code_size=4)
        torch.nn.init.zeros_(layer.code_to_affine.weight)
        result = layer(self.x, torch.randn(3, 4))
        torch.testing.assert_close(result.double(), standardized(self.x), atol=1e-5, rtol=1e-5)

    def test_each_image_gets_the_scale_and_shift_of_its_own_code(self):
        layer, code = AdaIN(5, code_size=4), torch.randn(3, 4)
        gamma, beta = layer.code_to_affine(code).double().chunk(2, dim=1)
        expected = (1 + gamma)[:, :, None, None] * standardized(self.x) + beta[:, :, None, None]
        torch.testing.assert_close(layer(self.x, code).double(), expected, atol=1e-5, rtol=1e-5)

    def test_a_code_for_all_images_is_spread(self):
        layer, code = AdaIN(5, code_size=4), torch.randn(1, 4)
        torch.testing.assert_close(layer(self.x, code), layer(self.x, code.expand(3, -1)))

    def test_only_the_encoders_layers_learn_an_own_scale(self):
        assert AdaIN(5, 4, affine=True).scale.requires_grad
        assert not AdaIN(5, 4, affine=False).scale.requires_grad


@pytest.mark.parametrize("resample", ["down", "up", None])
def test_resizing_in_the_convolution_is_resizing_beside_it(resample):
    """Averaging after, or repeating before, a 3x3 convolution; edges, bias and gradients included."""
    conv = torch.nn.Conv2d(3, 5, 3, padding=1).double()
    x = torch.randn(2, 3, 8, 12, dtype=torch.double)
    if resample == "up":
        expected = conv(x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3))
    elif resample == "down":
        expected = conv(x).unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).mean((3, 5))
    else:
        expected = conv(x)
    result = conv_resized(x, conv, resample)
    torch.testing.assert_close(result, expected)
    torch.testing.assert_close(
        torch.autograd.grad(result.square().sum(), conv.weight),
        torch.autograd.grad(expected.square().sum(), conv.weight),
    )


class TestOneGeneratorForAllTasks:
    def test_the_same_weights_translate_and_segment(self, model, image):
        with torch.no_grad():
            translated = tasks.adapt(model.generator, image, model.code(Domain.NORMAL))
            assert translated.shape == (2, 1, 64, 64)
            for mode in tasks.MODES:
                assert model.segment(image, mode).shape == (2, 3, 64, 64)

    def test_the_style_changes_translations_alone(self, model, image):
        with torch.no_grad():
            normal, abnormal = (
                tasks.adapt(model.generator, image, model.code(d)) for d in (Domain.NORMAL, Domain.ABNORMAL)
            )
            before = model.segment(image, "direct")
            for block in model.generator.decoder:
                for layer in (block.norm1, block.norm2):
                    torch.nn.init.normal_(layer.code_to_affine.weight)
            assert not torch.allclose(normal, abnormal)
            assert torch.equal(before, model.segment(image, "direct"))
            assert not torch.allclose(normal, tasks.adapt(model.generator, image, model.code(Domain.NORMAL)))

    def test_student_and_direct_differ_in_the_encoders_code_alone(self, model, image):
        with torch.no_grad():
            assert not torch.allclose(model.segment(image, "student"), model.segment(image, "direct"))
            for module in model.generator.encoder.modules():
                if isinstance(module, AdaIN):
                    torch.nn.init.normal_(module.scale)
            start_student_from_direct(model.generator)
            student, direct = model.segment(image, "student"), model.segment(image, "direct")
        torch.testing.assert_close(student, direct, atol=1e-4, rtol=1e-4)

    def test_the_teacher_segments_the_image_as_normal(self, model, image):
        with torch.no_grad():
            expected = model.segment(model.as_normal(image), "direct")
            assert torch.equal(model.segment(image, "teacher"), expected)

    def test_another_mode_is_refused(self, model, image):
        with pytest.raises(ValueError, match="student, teacher, direct"):
            model.segment(image, "both")

    def test_every_weight_that_learns_is_used_by_some_task(self, model, image):
        domain = torch.tensor([Domain.NORMAL, Domain.ABNORMAL])
        latent = torch.randn(2, TINY.latent_size)
        style = model.style_encoder(image, domain) + model.code_generator(latent, domain)
        loss = tasks.adapt(model.generator, image, style).square().mean()
        for mode in tasks.MODES:
            loss = loss + model.segment(image, mode).square().mean()
        loss.backward()
        unused = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
        assert unused == []


class TestSizes:
    def test_the_papers_generator_has_33_6_million_weights(self):
        c = PRESETS["paper"]
        generator = Generator(c.width, c.max_width, classes=2, code_size=c.code_size)
        assert round(parameter_count(generator) / 1e6, 1) == 33.6

    def test_the_papers_style_encoder_and_discriminator_have_20_9_million_weights_each(self):
        assert round(parameter_count(AdaINModel(PRESETS["paper"]).style_encoder) / 1e6, 1) == 20.9
        assert round(parameter_count(new_discriminator(PRESETS["paper"])) / 1e6, 1) == 20.9

    def test_compact_has_at_most_7_5_million_weights(self):
        compact = PRESETS["compact"]
        everything = parameter_count(AdaINModel(compact)) + parameter_count(new_discriminator(compact))
        assert everything <= 7.5e6


class TestHeadsOfDomains:
    @pytest.mark.parametrize("make", [lambda m: m.style_encoder, lambda m: new_discriminator(m.config)])
    def test_each_image_is_judged_by_its_domain(self, model, image, make):
        network = make(model)
        with torch.no_grad():
            mixed = network(image, torch.tensor([0, 1]))
            for domain in (0, 1):
                alone = network(image, torch.tensor([domain, domain]))
                torch.testing.assert_close(mixed[domain], alone[domain])
                assert not torch.allclose(mixed[1 - domain], alone[1 - domain])


class TestFiles:
    def test_a_saved_model_comes_back(self, model, image, tmp_path):
        save_model(model, tmp_path / "m", {"name": "m"})
        again = load_model(tmp_path / "m")
        assert again.config == TINY and again.card["name"] == "m"
        with torch.no_grad():
            torch.testing.assert_close(again.segment(image), model.segment(image), atol=0.05, rtol=0.05)

    def test_the_discriminator_comes_along_for_training_on(self, model, tmp_path):
        adversary = new_discriminator(TINY)
        folder = save_model(model, tmp_path / "m", {}, adversary)
        again = new_discriminator(TINY, folder)
        for name, value in adversary.state_dict().items():
            torch.testing.assert_close(again.state_dict()[name], value, atol=1e-3, rtol=1e-3)
        (folder / "discriminator.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{")
        with pytest.raises(ModelError, match=r"discriminator\.safetensors"):
            new_discriminator(TINY, folder)
        load_model(folder)  # segmenting goes on without it

    def test_no_pickle_is_written(self, model, tmp_path):
        save_model(model, tmp_path / "m", {})
        assert {p.suffix for p in (tmp_path / "m").iterdir()} <= {".safetensors", ".json", ".md"}

    @pytest.mark.parametrize(
        ("damage", "named"),
        [
            (
                lambda f: (f / "weights.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{"),
                "weights.safetensors",
            ),
            (lambda f: (f / "weights.safetensors").unlink(), "weights.safetensors"),
            (lambda f: (f / "card.json").unlink(), "card.json"),
            (lambda f: (f / "card.json").write_text("{"), "card.json"),
            (lambda f: (f / "card.json").write_text('{"name": "m"}'), "card.json"),
        ],
    )
    def test_a_damaged_model_is_refused_with_its_path(self, model, tmp_path, damage, named):
        folder = save_model(model, tmp_path / "m", {})
        damage(folder)
        with pytest.raises(ModelError, match=named):
            load_model(folder)

    @pytest.mark.parametrize(
        ("name", "value"), [("canvas", 200), ("canvas", 0), ("width", "16"), ("classes", 1.5), ("depth", 3)]
    )
    def test_a_configuration_that_no_model_has_is_refused(self, model, tmp_path, name, value):
        folder = save_model(model, tmp_path / "m", {})
        card = json.loads((folder / "card.json").read_text())
        card["configuration"][name] = value
        (folder / "card.json").write_text(json.dumps(card))
        with pytest.raises(ModelError, match=rf"card\.json.*{name}"):
            load_model(folder)

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_weights_that_are_no_numbers_are_refused(self, model, tmp_path, value):
        """They find no lung in any radiograph, as if there were none."""
        spoilt = copy.deepcopy(model)
        with torch.no_grad():
            spoilt.generator.from_image.weight[0, 0, 0, 0] = value
        folder = save_model(spoilt, tmp_path / "m", {})
        with pytest.raises(ModelError, match=r"weights\.safetensors.*NaN or infinite"):
            load_model(folder)

    def test_weights_of_another_configuration_are_refused(self, model, tmp_path):
        folder = save_model(model, tmp_path / "m", {})
        card = json.loads((folder / "card.json").read_text())
        card["configuration"]["width"] = 8
        (folder / "card.json").write_text(json.dumps(card))
        with pytest.raises(ModelError, match=r"weights\.safetensors"):
            load_model(folder)


def test_a_model_goes_on_at_another_canvas_with_the_weights_that_it_has(model, image):
    larger = at_canvas(model, 128)
    assert larger.config.canvas == 128 and model.config.canvas == 64
    for mode in tasks.MODES:
        torch.testing.assert_close(larger.segment(image, mode), model.segment(image, mode))
    again = at_canvas(larger, 64).state_dict()
    for name, weight in larger.state_dict().items():
        torch.testing.assert_close(again[name], model.state_dict()[name])
        torch.testing.assert_close(weight.sum(), model.state_dict()[name].sum(), atol=1e-4, rtol=1e-4)
