/** The service name by which the patched driver knows the stand-in. */
export const SERVICE = 'DBTOOL_STANDIN';
