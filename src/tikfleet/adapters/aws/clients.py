"""Clients of AWS services on one event loop: opened when first needed, their errors in our words.

Credentials come from AWS's standard chain (environment, profile, container or instance role), never from a setting.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from typing import Any, ClassVar, Final

import msgspec

from tikfleet.kernel.errors import TikfleetError, Unavailable

_CONNECT_S: Final = 3
_ANSWER_S: Final = 20
_ATTEMPTS: Final = 3
# A function is waited for as long as one may run, and called once: trying again would run it beside itself.
_FUNCTION_S: Final = 910
_CONNECTIONS: Final = 64
_THROTTLED: Final = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "KMSThrottlingException",
    }
)
_UNKNOWN: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_PERMISSIONS: Final = "Give the role of this process the permissions that docs/guides/aws.md lists."
_CREDENTIALS: Final = "Give the process credentials in one of AWS's usual ways, such as a role or AWS_PROFILE."


class CloudUnavailable(Unavailable):
    """A service of the cloud does not answer or refuses; what was asked was not done."""

    code: ClassVar[str] = "aws.unavailable"
    title: ClassVar[str] = "A cloud service does not answer"


class DriverMissing(TikfleetError):
    """A setting names an AWS service, and the package that speaks to it is not installed."""

    code: ClassVar[str] = "aws.driver-missing"
    title: ClassVar[str] = "The driver for AWS is not installed"
    remedy: ClassVar[str] = "Install Tikfleet with it: pip install 'tikfleet[aws]'."


class Refused(Exception):
    """The service answered with an error that the caller asked to be told; `code` is AWS's name of it."""

    def __init__(self, code: str, answer: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.code = code
        self.answer = answer


class AwsPlace(msgspec.Struct, frozen=True):
    """Where the services are. Empty: as AWS's own settings say. `endpoints` has, by service, where another answers."""

    region: str = ""
    endpoint: str = ""
    endpoints: Mapping[str, str] = {}


def load_driver() -> Any:
    """The driver's module `aiobotocore.session`. Raises DriverMissing."""
    try:
        return import_module("aiobotocore.session")
    except ImportError as cause:
        raise DriverMissing("settings name a service of AWS, and aiobotocore is not there") from cause


class Clients:
    """One client for each service. `close` ends them all."""

    def __init__(self, place: AwsPlace, session: Any = None) -> None:
        """`session` is one of the driver's, which keeps what it has read about services. Raises DriverMissing."""
        self._place = place
        self._session = session or load_driver().get_session()
        self._opening = asyncio.Lock()
        self._open: dict[str, Any] = {}
        self._stack = AsyncExitStack()

    async def open(self, service: str) -> Any:
        """The client of a service by botocore's name for it. Raises CloudUnavailable without a region or a driver."""
        found = self._open.get(service)
        if found is not None:
            return found
        async with self._opening:
            if service not in self._open:
                self._open[service] = await self._opened(service)
            return self._open[service]

    async def _opened(self, service: str) -> Any:
        errors, config = import_module("botocore.exceptions"), import_module("aiobotocore.config")
        endpoint = self._place.endpoints.get(service) or self._place.endpoint
        options: dict[str, Any] = {}
        if service == "s3" and endpoint:
            # Other stores have no name for each bucket, and not all know AWS's newer checksums.
            options["s3"] = {"addressing_style": "path"}
            options["request_checksum_calculation"] = options["response_checksum_validation"] = "when_required"
        settings = config.AioConfig(
            connect_timeout=_CONNECT_S,
            read_timeout=_FUNCTION_S if service == "lambda" else _ANSWER_S,
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": 1 if service == "lambda" else _ATTEMPTS},
            **options,
        )
        # Elsewhere than at AWS any region will do, and signatures need one.
        region = self._place.region or self._session.get_config_variable("region") or ("us-east-1" if endpoint else "")
        try:
            client = self._session.create_client(
                service, region_name=region or None, endpoint_url=endpoint or None, config=settings
            )
            return await self._stack.enter_async_context(client)
        except (errors.BotoCoreError, ValueError) as cause:
            raise CloudUnavailable(
                f"no client for {service} can be made: {type(cause).__name__}",
                remedy="Set TIKFLEET_AWS_REGION, or AWS_REGION, to the region of the services.",
            ) from cause

    async def close(self) -> None:
        """End every client."""
        await self._stack.aclose()


class Service:
    """Calls to one service; what fails is raised as `failure`, which callers of a port know."""

    def __init__(self, clients: Clients, name: str, failure: type[Unavailable] = CloudUnavailable) -> None:
        self._clients = clients
        self._name = name
        self._failure = failure

    async def call(self, operation: str, *, told: tuple[str, ...] = (), **values: Any) -> dict[str, Any]:
        """One operation, in botocore's spelling. Raises Refused for the error codes in `told`."""
        async with self.client(operation, told) as client:
            answer: dict[str, Any] = await getattr(client, operation)(**values)
            return answer

    @asynccontextmanager
    async def client(self, operation: str, told: tuple[str, ...] = ()) -> AsyncIterator[Any]:
        """The client for a block whose failures become ours."""
        errors = import_module("botocore.exceptions")
        http = import_module("aiohttp")
        try:
            yield await self._clients.open(self._name)
        except errors.ClientError as cause:
            code = str(cause.response.get("Error", {}).get("Code", ""))
            if code in told:
                raise Refused(code, cause.response) from cause
            raise self._refusal(operation, code) from cause
        except (errors.NoCredentialsError, errors.PartialCredentialsError, errors.CredentialRetrievalError) as cause:
            raise self._failure("there are no credentials for AWS", remedy=_CREDENTIALS, retry_after_s=30) from cause
        except errors.ParamValidationError:
            raise
        except (errors.BotoCoreError, http.ClientError, TimeoutError, OSError) as cause:
            raise self._failure(f"{self._name} does not answer ({operation})", retry_after_s=10) from cause

    def _refusal(self, operation: str, code: str) -> Unavailable:
        if code in _THROTTLED:
            return self._failure(f"{self._name} takes no more at the moment ({operation})", retry_after_s=5)
        if code in _UNKNOWN:
            return self._failure(f"{self._name} refuses the credentials: {code}", remedy=_CREDENTIALS, retry_after_s=30)
        if "Denied" in code or code == "403":
            return self._failure(f"{self._name} does not permit {operation}", remedy=_PERMISSIONS, retry_after_s=30)
        return self._failure(f"{self._name} answered {code or 'an error'} ({operation})", retry_after_s=10)
