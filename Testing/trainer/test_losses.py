"""The losses against their formulas."""

import pytest
import torch
import torch.nn.functional as F
from cxradain.training import losses
from cxradain.training.objectives import combine_teachers

random = torch.Generator().manual_seed(3)


def test_adversarial_loss_is_binary_cross_entropy():
    logit = torch.randn(5, generator=random)
    for real in (True, False):
        expected = F.binary_cross_entropy_with_logits(logit, torch.full_like(logit, float(real)))
        torch.testing.assert_close(losses.adversarial_loss(logit, real), expected)


def test_r1_is_half_the_squared_gradient_at_the_image():
    weight = torch.randn(1, 4, 4, generator=random)
    image = torch.randn(3, 1, 4, 4, generator=random).requires_grad_()
    logit = (image * weight).sum((1, 2, 3))
    torch.testing.assert_close(losses.r1_penalty(logit, image), 0.5 * weight.square().sum())


def test_r1_can_be_descended():
    network = torch.nn.Linear(4, 1)
    image = torch.randn(2, 4, generator=random).requires_grad_()
    losses.r1_penalty(network(image).tanh().squeeze(1), image).backward()
    assert network.weight.grad.abs().sum() > 0


def test_style_and_cycle_are_mean_absolute_differences():
    a, b = torch.randn(2, 7, generator=random), torch.randn(2, 7, generator=random)
    torch.testing.assert_close(losses.style_loss(a, b), (a - b).abs().mean())
    torch.testing.assert_close(losses.cycle_loss(a, b), (a - b).abs().mean())


def test_diversity_moves_the_first_image_alone():
    a, b = (torch.randn(2, 3, generator=random).requires_grad_() for _ in range(2))
    losses.diversity_loss(a, b).backward()
    assert a.grad is not None and b.grad is None


def test_segmentation_loss_is_weighted_cross_entropy():
    logits = torch.randn(2, 3, 4, 4, generator=random)
    labels = torch.randint(3, (2, 4, 4), generator=random)
    weights = torch.tensor([0.7, 1.0, 1.0])
    log_p = logits.log_softmax(1).gather(1, labels[:, None])[:, 0]
    expected = -(weights[labels] * log_p).sum() / weights[labels].sum()
    torch.testing.assert_close(losses.segmentation_loss(logits, labels, weights, dice=False), expected)


def test_soft_dice_is_0_where_the_mask_is_right_and_near_1_where_it_is_not():
    labels = torch.zeros(1, 8, 8, dtype=torch.long)
    labels[:, 2:6, :3], labels[:, 2:6, 5:] = 1, 2
    right = 40 * F.one_hot(labels, 3).permute(0, 3, 1, 2).float()
    wrong = right.roll(1, dims=1)
    weights = torch.ones(3)

    def dice_part(logits):
        return losses.segmentation_loss(logits, labels, weights, True) - losses.segmentation_loss(
            logits, labels, weights, False
        )

    assert dice_part(right) < 0.01
    assert dice_part(wrong) > 0.9


@pytest.mark.parametrize("l1_logits", [True, False])
def test_distillation_pulls_the_student_and_leaves_the_teacher(l1_logits):
    teacher = torch.randn(2, 3, 6, 6, generator=random).requires_grad_()
    student = torch.randn(2, 3, 6, 6, generator=random).requires_grad_()
    losses.distillation_loss(student, teacher, l1_logits).backward()
    assert teacher.grad is None
    with torch.no_grad():
        before = losses.distillation_loss(student, teacher, l1_logits)
        after = losses.distillation_loss(student - 0.5 * student.grad, teacher, l1_logits)
    assert after < before


@pytest.mark.parametrize("l1_logits", [True, False])
def test_pixels_below_the_confidence_threshold_do_not_count(l1_logits):
    teacher = torch.zeros(1, 3, 4, 4)
    teacher[:, 1, :2] = 6.0  # confident of lung above, of nothing below
    student = torch.randn(1, 3, 4, 4, generator=random).requires_grad_()
    losses.distillation_loss(student, teacher, l1_logits, threshold=0.8).backward()
    assert student.grad[:, :, :2].abs().min() > 0
    assert student.grad[:, :, 2:].abs().max() == 0
    nothing = losses.distillation_loss(student, torch.zeros(1, 3, 4, 4), l1_logits, threshold=0.8)
    assert torch.isfinite(nothing)


def test_l1_distillation_is_the_papers():
    student, teacher = (torch.randn(2, 3, 4, 4, generator=random) for _ in range(2))
    torch.testing.assert_close(
        losses.distillation_loss(student, teacher, True), (student - teacher).abs().mean()
    )


class TestCombinedTeacher:
    # One image of two pixels: at the first the two-step way alone sees lung, at the second the direct one,
    # less confidently than the two-step way sees background there.
    two_step = torch.tensor([[0.1, 0.9], [0.9, 0.1]]).T.log()[None, :, None, :]
    direct = torch.tensor([[0.7, 0.3], [0.4, 0.6]]).T.log()[None, :, None, :]

    def lung(self, union: bool) -> list[float]:
        return combine_teachers(self.two_step, self.direct, union).softmax(1)[0, 1, 0].tolist()

    def test_union_teacher_uses_the_higher_lung_probability(self):
        assert self.lung(union=True) == pytest.approx([0.9, 0.6])

    def test_confident_teacher_uses_the_more_confident_prediction(self):
        assert self.lung(union=False) == pytest.approx([0.9, 0.1])
