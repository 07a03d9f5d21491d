use std::collections::BTreeSet;

use actix_web::http::Method;
use ninja_types::Scope;
use utoipa::openapi::path::{Operation as Described, ParameterIn};
use utoipa::openapi::{OpenApi, PathItem};

/// What a caller must be to reach a route. Said in the handler's extractor and in its OpenAPI `security`; both must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Anybody.
    Public,
    /// Any identity.
    Any,
    /// A login, no API key.
    Session,
    /// An identity with this scope.
    Scope(Scope),
    /// An administrator, or who shows the token of the metrics.
    Metrics,
}

/// One method of one path, as the OpenAPI document describes it.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `createTask`
    pub id: String,
    /// `GET`
    pub method: Method,
    /// `/api/v1/tasks/{id}`
    pub path: String,
    /// Who may.
    pub grant: Grant,
    /// Whether it becomes a socket: a ticket in `Sec-WebSocket-Protocol` is an identity here.
    pub socket: bool,
    /// The names that its query may have.
    pub query: Vec<String>,
}

/// Every route of the process, made from the OpenAPI document: a route that is not described, or names no permission, is not served.
#[derive(Debug, Default)]
pub struct Registry {
    routes: Vec<Route>,
}

#[derive(Debug)]
struct Route {
    pattern: Vec<String>,
    operations: Vec<Operation>,
}

/// A mistake in the description of a route: the process refuses to start.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadRoute {
    /// An operation without `security(...)`.
    #[error("{0} names no permission: give it `security(...)`")]
    NoPermission(String),
    /// An operation with a permission that does not exist.
    #[error("{0} asks for `{1}`, which is no permission")]
    UnknownPermission(String, String),
    /// An operation without `operation_id`.
    #[error("{0} has no operation_id of its own")]
    NoId(String),
}

impl Registry {
    /// Reads all routes from `document`.
    pub fn new(document: &OpenApi) -> Result<Self, BadRoute> {
        let mut ids = BTreeSet::new();
        let mut routes = Vec::new();
        for (path, item) in &document.paths.paths {
            let mut operations = Vec::new();
            for (method, described) in methods(item) {
                let operation = read(path, method, described)?;
                if !ids.insert(operation.id.clone()) {
                    return Err(BadRoute::NoId(format!("{} {path}", operation.method)));
                }
                operations.push(operation);
            }
            routes.push(Route { pattern: segments(path).map(str::to_owned).collect(), operations });
        }
        // Words before placeholders: `/tasks/templates` is not the task "templates".
        routes.sort_by_key(|route| {
            route.pattern.iter().map(|part| part.starts_with('{')).collect::<Vec<_>>()
        });
        Ok(Self { routes })
    }

    /// The operations of the path that a request names; `None` if there is no such path.
    pub fn at(&self, path: &str) -> Option<&[Operation]> {
        let asked: Vec<&str> = segments(path).collect();
        let fits = |route: &&Route| {
            route.pattern.len() == asked.len()
                && route.pattern.iter().zip(&asked).all(|(part, word)| {
                    if part.starts_with('{') { !word.is_empty() } else { part == word }
                })
        };
        self.routes.iter().find(fits).map(|route| route.operations.as_slice())
    }

    /// Every operation there is: the tests of authorisation walk over them.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.routes.iter().flat_map(|route| &route.operations)
    }
}

/// `GET, HEAD, OPTIONS, POST`: what a path answers to.
pub(crate) fn allow(operations: &[Operation]) -> String {
    let mut methods: Vec<&str> = operations.iter().map(|op| op.method.as_str()).collect();
    if operations.iter().any(|op| op.method == Method::GET && !op.socket) {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.sort_unstable();
    methods.join(", ")
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

fn methods(item: &PathItem) -> impl Iterator<Item = (Method, &Described)> {
    [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, described)| described.as_ref().map(|d| (method, d)))
}

fn read(path: &str, method: Method, described: &Described) -> Result<Operation, BadRoute> {
    let name = format!("{method} {path}");
    let id = described.operation_id.clone().ok_or_else(|| BadRoute::NoId(name.clone()))?;
    let query = described.parameters.iter().flatten().filter_map(|parameter| match parameter {
        utoipa::openapi::RefOr::T(p) if matches!(p.parameter_in, ParameterIn::Query) => {
            Some(p.name.clone())
        }
        _ => None,
    });
    Ok(Operation {
        id,
        grant: grant(&name, described)?,
        socket: described.security.iter().flatten().any(asks_for_ticket),
        query: query.collect(),
        method,
        path: path.to_owned(),
    })
}

fn asks_for_ticket(way: &utoipa::openapi::security::SecurityRequirement) -> bool {
    serde_json::to_value(way).is_ok_and(|parts| parts.get("ticket").is_some())
}

// A requirement shows its parts only as JSON: `[{"bearer": ["tasks:write"]}]`, `[{}]` for the public.
fn grant(name: &str, described: &Described) -> Result<Grant, BadRoute> {
    let first = described.security.as_ref().and_then(|all| all.first());
    let first = first.ok_or_else(|| BadRoute::NoPermission(name.to_owned()))?;
    let json = serde_json::to_value(first).unwrap_or_default();
    let Some((scheme, scopes)) = json.as_object().and_then(|parts| parts.iter().next()) else {
        return Ok(Grant::Public);
    };
    let unknown = |word: &str| BadRoute::UnknownPermission(name.to_owned(), word.to_owned());
    match (scheme.as_str(), scopes.get(0).and_then(|scope| scope.as_str())) {
        ("bearer", None) => Ok(Grant::Any),
        ("session", None) => Ok(Grant::Session),
        ("metrics", None) => Ok(Grant::Metrics),
        ("bearer", Some(word)) => word.parse().map(Grant::Scope).map_err(|_bad| unknown(word)),
        (other, _) => Err(unknown(other)),
    }
}
