//! Routes with what the description of the API says of them. The description is large and rarely asked for, so it is made
//! only then: making it at every start took a fifth of the start, and memory that was never used again.

use crate::app::Shared;
use axum::Router;
use axum::routing::MethodRouter;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// The calls of one path.
pub(super) struct Route {
    /// The path, without the prefix of the API.
    pub(super) path: String,
    /// What answers.
    pub(super) methods: MethodRouter<Shared>,
    /// What is said of them.
    pub(super) told: fn() -> UtoipaMethodRouter<Shared>,
}

/// Routes of one resource, or of all.
#[derive(Default)]
pub struct Routes {
    served: Router<Shared>,
    told: Vec<fn() -> UtoipaMethodRouter<Shared>>,
}

impl Routes {
    /// None so far.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// These and the calls of another path.
    pub(super) fn routes(mut self, route: Route) -> Self {
        self.served = self.served.route(&route.path, route.methods);
        self.told.push(route.told);
        self
    }

    /// These and others.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.served = self.served.merge(other.served);
        self.told.extend(other.told);
        self
    }

    /// What answers them.
    pub(super) fn served(self) -> Router<Shared> {
        self.served
    }

    /// What is said of them.
    pub(super) fn described(self) -> OpenApi {
        let all = self.told.into_iter().fold(OpenApiRouter::new(), |all, told| all.routes(told()));
        all.split_for_parts().1
    }
}

/// The calls of one path, by the handlers that take them.
macro_rules! routes {
    ($first:ident $(, $other:ident)* $(,)?) => {
        utoipa_axum::paste! {{
            use utoipa::Path as _;
            use utoipa_axum::PathItemExt as _;
            let mut methods = axum::routing::MethodRouter::new();
            for method in [<__path_ $first>]::methods() {
                methods = methods.on(method.to_method_filter(), $first);
            }
            $(for method in [<__path_ $other>]::methods() {
                methods = methods.on(method.to_method_filter(), $other);
            })*
            $crate::http::routes::Route {
                path: [<__path_ $first>]::path(),
                methods,
                told: || utoipa_axum::routes!($first $(, $other)*),
            }
        }}
    };
}
pub(super) use routes;
