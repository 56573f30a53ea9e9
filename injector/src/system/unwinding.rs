//! In the place of the unwinder: a panic here aborts, and `without-unwinding.ld` leaves out the tables that an unwinder reads, so the
//! one that comes with the target could find nothing. With these in its place the optimiser sees that no backtrace is ever printed, and
//! leaves out all that would read and print one, which is almost half of the binary.

use std::ffi::{c_int, c_void};

/// What `_Unwind_Backtrace` says at the end of the stack (`_URC_END_OF_STACK` of the Itanium C++ ABI).
const END_OF_STACK: c_int = 5;

/// Calls `trace` for no frame at all.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Backtrace(_trace: *const c_void, _argument: *mut c_void) -> c_int {
    END_OF_STACK
}

/// Defines functions that std refers to and that are called only while something unwinds. All of those have to be here: one that is not
/// makes the linker take the target's unwinder, which then defines these a second time.
macro_rules! never_called {
    ($($name:ident)*) => {
        $(
            #[unsafe(no_mangle)]
            extern "C" fn $name() -> ! {
                std::process::abort()
            }
        )*
    };
}

never_called!(_Unwind_GetIP _Unwind_GetIPInfo _Unwind_GetLanguageSpecificData _Unwind_GetRegionStart _Unwind_Resume _Unwind_SetGR _Unwind_SetIP);
