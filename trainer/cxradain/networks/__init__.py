"""The networks of the paper (section 3.1): generator, AdaIN codes (style encoder, code generator),
discriminator."""
