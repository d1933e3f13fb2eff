"""Everything of one installation, put together."""

import aws_cdk as cdk
from constructs import Construct
from parts.choices import Choices
from parts.front import Front
from parts.functions import Functions
from parts.kept import Kept
from parts.live import Live
from parts.narrow import Narrow
from parts.network import Network
from parts.pages import Pages
from parts.streams import Streams
from parts.watch import Watch


class Platform(cdk.Stack):
    """One installation. Two of them in an account have two names."""

    def __init__(self, scope: Construct, choices: Choices, synthesizer: cdk.IStackSynthesizer) -> None:
        super().__init__(
            scope,
            choices.name,
            description="Tikfleet: routers, API and dashboard",
            synthesizer=synthesizer,
            termination_protection=True,
        )
        network = Network(self, choices)
        kept = Kept(self, choices, network)
        streams = Streams(self, choices, kept)
        functions = Functions(self, choices, network, kept, streams)
        live = Live(self, choices, network, kept, streams, functions.environment)
        front = Front(self, choices, network, kept, functions, live)
        Pages(self, choices, kept)
        Watch(self, choices, kept, streams, functions, front)
        cdk.Aspects.of(self).add(Narrow())
