"""Which action every RPC is. An RPC that is not here is refused, and a test fails until it is."""

from collections.abc import Mapping

from cairn.kernel.identity import Role
from cairn.tenancy.api import PERMISSIONS, Action

ACTIONS: Mapping[str, Action] = {
    "cairn.chat.v1.ChatService/Ask": Action.ASK,
    "cairn.chat.v1.ChatService/DeleteConversation": Action.ASK,
    "cairn.chat.v1.ChatService/FollowGeneration": Action.ASK,
    "cairn.chat.v1.ChatService/GetConversation": Action.ASK,
    "cairn.chat.v1.ChatService/ListConversations": Action.ASK,
    "cairn.chat.v1.ChatService/StopGeneration": Action.ASK,
    "cairn.decisions.v1.DecisionsService/CreateDecision": Action.WRITE,
    "cairn.decisions.v1.DecisionsService/CreateLog": Action.IMPORT,
    "cairn.decisions.v1.DecisionsService/DeleteDecision": Action.WRITE,
    "cairn.decisions.v1.DecisionsService/ExportLog": Action.READ,
    "cairn.decisions.v1.DecisionsService/FinishImport": Action.IMPORT,
    "cairn.decisions.v1.DecisionsService/GetDecision": Action.READ,
    "cairn.decisions.v1.DecisionsService/GetImport": Action.READ,
    "cairn.decisions.v1.DecisionsService/GetSource": Action.READ,
    "cairn.decisions.v1.DecisionsService/GetVersion": Action.READ,
    "cairn.decisions.v1.DecisionsService/ImportFiles": Action.IMPORT,
    "cairn.decisions.v1.DecisionsService/ListDecisions": Action.READ,
    "cairn.decisions.v1.DecisionsService/ListImports": Action.READ,
    "cairn.decisions.v1.DecisionsService/ListLogs": Action.READ,
    "cairn.decisions.v1.DecisionsService/ListVersions": Action.READ,
    "cairn.decisions.v1.DecisionsService/RestoreDecision": Action.WRITE,
    "cairn.decisions.v1.DecisionsService/StartImport": Action.IMPORT,
    "cairn.decisions.v1.DecisionsService/UpdateDecision": Action.WRITE,
    "cairn.decisions.v1.GovernanceService/DeleteComponent": Action.IMPORT,
    "cairn.decisions.v1.GovernanceService/GovernsPaths": Action.READ,
    "cairn.decisions.v1.GovernanceService/ListComponents": Action.READ,
    "cairn.decisions.v1.GovernanceService/SaveComponent": Action.IMPORT,
    "cairn.decisions.v1.LifecycleService/ApproveDecision": Action.WRITE,
    "cairn.decisions.v1.LifecycleService/GetLifecycle": Action.READ,
    "cairn.decisions.v1.LifecycleService/GetLogPolicy": Action.READ,
    "cairn.decisions.v1.LifecycleService/ListReservations": Action.READ,
    "cairn.decisions.v1.LifecycleService/ListTransitions": Action.READ,
    "cairn.decisions.v1.LifecycleService/RelateDecisions": Action.WRITE,
    "cairn.decisions.v1.LifecycleService/ReserveNumber": Action.WRITE,
    "cairn.decisions.v1.LifecycleService/SetLogPolicy": Action.IMPORT,
    "cairn.decisions.v1.LifecycleService/TransitionDecision": Action.WRITE,
    "cairn.decisions.v1.LifecycleService/UnrelateDecisions": Action.WRITE,
    "cairn.decisions.v1.LifecycleService/WithdrawApproval": Action.WRITE,
    "cairn.gateway.v1.GatewayService/DeleteProvider": Action.CONFIGURE,
    "cairn.gateway.v1.GatewayService/ListModels": Action.ASK,
    "cairn.gateway.v1.GatewayService/ListProviders": Action.CONFIGURE,
    "cairn.gateway.v1.GatewayService/SaveProvider": Action.CONFIGURE,
    "cairn.gateway.v1.GatewayService/TestProvider": Action.CONFIGURE,
    "cairn.search.v1.SearchService/GetIndexState": Action.READ,
    "cairn.search.v1.SearchService/Search": Action.READ,
    "cairn.search.v1.SearchService/WatchIndexState": Action.READ,
    "cairn.tenancy.v1.TenancyService/GetSession": Action.READ,
}

ROLES: Mapping[str, frozenset[Role]] = {method: PERMISSIONS[action] for method, action in ACTIONS.items()}
