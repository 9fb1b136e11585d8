"""The command `train base`: every option of the recipe is a flag, and no training is overwritten."""

import subprocess
import sys

import pytest
from cxradain import cli
from cxradain.commands.options import UsageError
from cxradain.commands.training_options import recipe, recipe_fields
from cxradain.training.options import LIGHT, PAPER, ROUND, Stage

NEEDED = ["train", "base", "--data", "data", "--out", "out"]


def parsed(*words: str):
    return cli.parser().parse_args([*NEEDED, *words])


def test_every_option_of_the_recipe_is_a_flag():
    words = []
    for flag, field in recipe_fields().items():
        value = getattr(PAPER, field.name)
        words += [f"--{flag}"] if isinstance(value, bool) else [f"--{flag}", str(value)]
    result = recipe(LIGHT, parsed("--preset", "light", *words))
    for field in recipe_fields().values():
        value = getattr(PAPER, field.name)
        assert getattr(result, field.name) == (True if isinstance(value, bool) else value)


def test_without_flags_it_is_the_preset():
    assert recipe(LIGHT, parsed("--preset", "light")) == LIGHT
    assert recipe(PAPER, parsed("--preset", "paper")) == PAPER


def test_augmentation_and_opacities_can_be_switched_off():
    assert recipe(LIGHT, parsed("--no-augment", "--opacity", "0")).augment is False


def test_stages_are_replaced_and_scaled():
    words = (
        "--stage",
        "name=a,steps=10,labelled=2",
        "--stage",
        "name=b,steps=5,unlabelled=4",
        "--scale",
        "2",
    )
    assert recipe(LIGHT, parsed(*words)).stages == (
        Stage("a", 20, labelled=2),
        Stage("b", 10, unlabelled=4),
    )


@pytest.mark.parametrize(
    "text",
    [
        *("name=a", "name=a,steps=many", "steps", "name=a,steps=3,lungs=2", "name=a,steps=-5"),
        *("name=a,steps=3,labelled=-2", "name=a,steps=3,labelled=0", "name=a,steps=3,restored=2"),
        "name=a,steps=3,adaptation=1,adaptation_every=0",
    ],
)
def test_a_stage_that_makes_no_sense_is_refused(text, capsys):
    with pytest.raises(SystemExit) as stopped:
        parsed("--stage", text)
    assert stopped.value.code == 2
    assert text in capsys.readouterr().err


@pytest.mark.parametrize(
    "given",
    [
        *("--validate-every 0", "--workers -1", "--threads -1", "--threads 0", "--devices 0", "--scale 0"),
        *("--checkpoint-minutes nan", "--num-nodes 0", "--workers 1.5", "--scale inf"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(given, capsys):
    flag, value = given.split()
    with pytest.raises(SystemExit) as stopped:
        parsed(f"{flag}={value}")
    assert stopped.value.code == 2
    assert flag in capsys.readouterr().err


@pytest.mark.parametrize("given", ["--seed=-1", "--r1-every=0", "--ema=2", "--opacity=-1"])
def test_a_recipe_that_makes_no_sense_is_refused(given):
    with pytest.raises(UsageError, match=given[2:].partition("=")[0].replace("-", "_")):
        recipe(LIGHT, parsed(given))


def test_the_papers_recipe_has_none_of_our_terms():
    for name in ("restore_weight", "label_teacher_weight", "identity_weight", "keep_mask_weight"):
        assert getattr(PAPER, name) == 0
    for ours in (LIGHT, ROUND):
        assert (ours.restore_weight, ours.label_teacher_weight) == (10, 2)


def test_help_needs_no_torch():
    code = (
        "import sys; from cxradain import cli; cli.parser().parse_args("
        f"{NEEDED!r}); assert not {{'torch', 'lightning_fabric', 'monai'}} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_training_is_not_overwritten(tmp_path, capsys):
    (tmp_path / "checkpoint.safetensors").write_bytes(b"precious")
    assert cli.main(["train", "base", "--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "--resume" in capsys.readouterr().err
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == b"precious"


def test_a_missing_data_folder_is_named(tmp_path, capsys):
    missing = tmp_path / "nowhere"
    assert cli.main(["train", "base", "--data", str(missing), "--out", str(tmp_path / "out")]) == 2
    assert "nowhere" in capsys.readouterr().err
