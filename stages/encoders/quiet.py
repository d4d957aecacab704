"""transformers without its bars and its advice to developers between our own lines; what fails is raised anyway."""


def quiet() -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
